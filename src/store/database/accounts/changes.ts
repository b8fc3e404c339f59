import type { View } from '../../accounts/stored-account.js';
import { sameJson } from '../../ground/merge.js';

/** What of an account is worth a line in every box's log when one of them changes it: not that it was refreshed. */
const standing = ({ account, unreadable }: View): unknown => [
  unreadable,
  account === null ? null : [account.email, account.disabled, account.proxyDisabled, account.validationBlocked],
];

export const isWorthTelling = (before: View, after: View): boolean => !sameJson(standing(before), standing(after));
