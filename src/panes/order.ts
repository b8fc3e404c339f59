/** Which accounts are listed, and in what order; made for ten thousand rows looked at ten times a second. */
import type { AccountRow, AccountState } from '../proxy/snapshot.js';
import type { Pattern } from './pattern.js';
import { stateWords } from './text.js';

export const sorts = ['state', 'e-mail', 'requests', 'errors', 'last used', 'token'] as const;
export type Sort = (typeof sorts)[number];

/**
 * What needs a hand stands first. Ready and cooling share a rank, since accounts go from one to the other all day and
 * rows that jump cannot be read.
 */
const ranks: Record<AccountState, number> = {
  disabled: 0,
  unreadable: 1,
  refused: 2,
  no_client: 3,
  blocked: 4,
  ready: 5,
  cooling: 5,
  proxy_disabled: 6,
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byEmail = (a: AccountRow, b: AccountRow): number => byText(a.email, b.email) || byText(a.id, b.id);
const downwards = (a: number | null, b: number | null): number => (b ?? -1) - (a ?? -1);

const comparers: Record<Sort, (a: AccountRow, b: AccountRow) => number> = {
  state: (a, b) => ranks[a.state] - ranks[b.state] || byEmail(a, b),
  'e-mail': byEmail,
  requests: (a, b) => b.requests - a.requests || byEmail(a, b),
  errors: (a, b) => b.errors - a.errors || byEmail(a, b),
  'last used': (a, b) => downwards(a.lastUsed, b.lastUsed) || byEmail(a, b),
  token: (a, b) => (a.accessExpiresAt ?? Infinity) - (b.accessExpiresAt ?? Infinity) || byEmail(a, b),
};

/** Orders by numbers that change all the time move at most this often. */
const SETTLE_MS = 2000;

/** What a filter looks at. */
export const accountText = (row: AccountRow): string =>
  `${stateWords[row.state]} ${row.email} ${row.name} ${row.cause ?? ''} ${row.reason} ${row.client} ${row.projectId ?? ''} ${row.file}`;

export interface OrderOptions {
  readonly sort: Sort;
  readonly filter: Pattern | null;
  /** Rows stay where they are while a form is open between them. */
  readonly frozen: boolean;
}

/** Keeps the order from one snapshot to the next and sorts again only where it no longer holds. */
export class AccountOrder {
  #order: number[] = [];
  #ids: readonly AccountRow[] = [];
  #sort: Sort | null = null;
  #sortedAt = -Infinity;

  /** The rows to show, best first. The same order as last time where that is still right, or `frozen`. */
  arrange(accounts: readonly AccountRow[], { sort, filter, frozen }: OrderOptions, now: number): readonly AccountRow[] {
    const same = this.#sameMembers(accounts);
    if (!same) this.#adopt(accounts, frozen);
    this.#ids = accounts;
    const wanted = sort !== this.#sort || (!frozen && !this.#holds(accounts, sort));
    const settled = sort === 'state' || sort === 'e-mail' || sort !== this.#sort || now - this.#sortedAt >= SETTLE_MS;
    if (wanted && settled) {
      const compare = comparers[sort];
      this.#order.sort((a, b) => compare(accounts[a] as AccountRow, accounts[b] as AccountRow));
      this.#sort = sort;
      this.#sortedAt = now;
    }
    const rows = this.#order.map((index) => accounts[index] as AccountRow);
    return filter === null ? rows : rows.filter((row) => filter.matches(accountText(row)));
  }

  #sameMembers(accounts: readonly AccountRow[]): boolean {
    return (
      accounts.length === this.#ids.length && accounts.every((account, index) => account.id === this.#ids[index]?.id)
    );
  }

  /** Takes on another set of accounts: those that were there keep their places, new ones stand at the end until sorted. */
  #adopt(accounts: readonly AccountRow[], frozen: boolean): void {
    const indexById = new Map(accounts.map((account, index) => [account.id, index]));
    const kept: number[] = [];
    for (const index of this.#order) {
      const id = this.#ids[index]?.id;
      const now = id === undefined ? undefined : indexById.get(id);
      if (id === undefined || now === undefined) continue;
      kept.push(now);
      indexById.delete(id);
    }
    this.#order = [...kept, ...indexById.values()];
    if (!frozen) this.#sort = null;
  }

  #holds(accounts: readonly AccountRow[], sort: Sort): boolean {
    const compare = comparers[sort];
    for (let at = 1; at < this.#order.length; at++) {
      const before = accounts[this.#order[at - 1] as number] as AccountRow;
      if (compare(before, accounts[this.#order[at] as number] as AccountRow) > 0) return false;
    }
    return true;
  }
}
