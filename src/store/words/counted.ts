/** How many of what. */
import type { Spoken } from '../ground/errors.js';
import { tell } from './tongue.js';

/** `1,204`. */
export const grouped = (n: number): string => String(Math.floor(n)).replace(/\B(?=(\d{3})+$)/g, ',');

/** What is counted: one of it, and several. */
const forms = {
  account: ['{n} account', '{n} accounts'],
  request: ['{n} request', '{n} requests'],
  grant: ['{n} grant', '{n} grants'],
  error: ['{n} error', '{n} errors'],
  refresh: ['{n} refresh', '{n} refreshes'],
  key: ['{n} key', '{n} keys'],
  line: ['{n} line', '{n} lines'],
} as const;

export type Counted = keyof typeof forms;

/** `1 account`, `3 accounts`. */
export const counted = (n: number, what: Counted): Spoken => tell(forms[what][n === 1 ? 0 : 1], { n: grouped(n) });
