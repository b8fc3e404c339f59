import { causes, isCause } from '../proxy/contract/causes.js';
import { plainReason } from '../proxy/contract/disabled-reason.js';
import { spoken, wait } from '../proxy/contract/durations.js';
import { isJsonObject } from '../store/ground/json.js';

type Listed = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * One account with its state, why, and for how long: `disabled  bob@example.com  invalid_grant: …, for 3d4h`.
 *
 * @param now - ms since 1970
 */
export function accountLine(account: Listed, now: number): string {
  const who = text(account.email) || text(account.file);
  const why = [reasonIn(account), lastingOf(account, now)].filter((part) => part !== '');
  return `${text(account.state).padEnd(14)} ${who}${why.length === 0 ? '' : `  ${why.join(', ')}`}`;
}

/** Why an account is out or rests, in one line; empty where it is neither. */
export function reasonIn(account: Listed): string {
  return reasonOf(account).replace(/\s+/g, ' ').trim();
}

function reasonOf(account: Listed): string {
  const cause = text(account.cause);
  switch (account.state) {
    case 'disabled':
      return plainReason(text(account.disabled_reason));
    case 'proxy_disabled':
      return text(account.proxy_disabled_reason) || 'by hand';
    case 'unreadable':
      return text(account.reason);
    case 'blocked':
      return text(account.validation_blocked_reason) || text(forbiddenReasonOf(account)) || shortOf(cause);
    default:
      return shortOf(cause);
  }
}

const forbiddenReasonOf = ({ quota }: Listed): unknown => (isJsonObject(quota) ? quota.forbidden_reason : undefined);
const shortOf = (cause: string): string => (isCause(cause) ? `${cause}: ${causes[cause].short}` : cause);

/** How long the account has been in this state, or how long it will be; empty where that is not known. */
export function lastingOf({ state, since, until }: Listed, now: number): string {
  const left = typeof until === 'number' ? until * 1_000 - now : 0;
  if (left > 0) return state === 'cooling' ? `${wait(left)} left` : `next try in ${wait(left)}`;
  const isOut = state !== 'ready' && state !== 'cooling';
  return isOut && typeof since === 'number' && since * 1_000 < now ? `for ${spoken(now / 1_000 - since)}` : '';
}
