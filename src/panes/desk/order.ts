/** Which accounts are listed, and in what order; made for ten thousand rows looked at ten times a second. */
import { changedRows, type RowChange } from '../../proxy/contract/changed-rows.js';
import type { AccountRow, AccountState } from '../../proxy/contract/snapshot.js';
import type { Pattern } from '../text/pattern.js';
import { sanitise, stateWords } from '../text/text.js';
import { timeSlice } from '../views/log/time-slice.js';
import { englishOf, tell, type PlainWord } from '../../store/words/tongue.js';
import { told } from '../../store/words/told.js';

export const sorts = [
  'state',
  'e-mail',
  'requests',
  'errors',
  'last used',
  'token',
] as const satisfies readonly PlainWord[];
export type Sort = (typeof sorts)[number];

/**
 * What needs an action comes first. Ready and cooling share a rank, since accounts change between them all day, and
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

const comparerOf = (sort: Sort, direction: Direction): ((a: AccountRow, b: AccountRow) => number) =>
  direction === 'forwards' ? comparers[sort] : (a, b) => comparers[sort](b, a);

/** Whether two states of an account sort to the same place. */
const sameKeys: Record<Sort, (a: AccountRow, b: AccountRow) => boolean> = {
  state: (a, b) => a.state === b.state && a.email === b.email,
  'e-mail': (a, b) => a.email === b.email,
  requests: (a, b) => a.requests === b.requests,
  errors: (a, b) => a.errors === b.errors,
  'last used': (a, b) => a.lastUsed === b.lastUsed,
  token: (a, b) => a.accessExpiresAt === b.accessExpiresAt,
};

/** If the sort is by numbers that change all the time, rows move at most this often. */
const SETTLE_MS = 2000;

/** The text of an account that a filter is matched against. */
const accountText = (row: AccountRow): string =>
  sanitise(
    `${englishOf(stateWords[row.state])} ${tell(stateWords[row.state])} ${row.email} ${row.name} ${row.cause ?? ''} ${row.reason} ${told(row.reason)} ${row.client} ${row.projectId ?? ''} ${row.file}`,
  );

export type Direction = 'forwards' | 'backwards';

export interface OrderOptions {
  readonly sort: Sort;
  readonly direction: Direction;
  readonly filter: Pattern | null;
  /** Rows stay where they are, because a form is open between them. */
  readonly frozen: boolean;
}

/** Keeps the order from one snapshot to the next, and sorts again only when it no longer holds. */
export class AccountOrder {
  private order: number[] = [];
  /** Where each account is in that order; null: not needed since it changed. */
  private places: Uint32Array | null = null;
  private accounts: readonly AccountRow[] = [];
  /** The accounts in that order. */
  private ordered: readonly AccountRow[] = [];
  private listed: readonly AccountRow[] = [];
  /** Rows changed their sort keys while they had to stay in place. */
  private unsettled = false;
  private sort: Sort | null = null;
  private filter: Pattern | null = null;
  private direction: Direction = 'forwards';
  private sortedAt = -Infinity;
  /** The filter's result for each row; a row that changed is a new object. */
  private judged = new WeakMap<AccountRow, boolean>();
  private judgedBy: Pattern | null = null;
  private isBusy = false;

  /** @param monotonic - a clock in ms */
  constructor(private readonly monotonic: () => number) {}

  /** Whether there are rows that the filter has not looked at yet; they are not listed before. */
  get busy(): boolean {
    return this.isBusy;
  }

  /** The rows to show, best first. The order of last time if that is still right, or if `frozen`. */
  arrange(
    accounts: readonly AccountRow[],
    { sort, direction, filter, frozen }: OrderOptions,
    now: number,
  ): readonly AccountRow[] {
    if (this.stays(accounts, { sort, direction, filter, frozen })) return this.listed;
    this.filter = filter;
    const changes = changedRows(this.accounts, accounts);
    if (changes === null) this.adopt(accounts, frozen);
    this.accounts = accounts;
    this.ordered = changes === null ? pick(accounts, this.order) : this.patched(changes);
    if (this.isDue(this.ordered, changes, { sort, direction, frozen }, now)) {
      this.sortBy(comparerOf(sort, direction));
      this.sort = sort;
      this.direction = direction;
      this.sortedAt = now;
    }
    const { ordered } = this;
    this.isBusy = false;
    this.listed = filter === null ? ordered : frozen ? this.still(ordered) : this.matching(ordered, filter);
    return this.listed;
  }

  private sortBy(compare: (a: AccountRow, b: AccountRow) => number): void {
    const { accounts } = this;
    this.order.sort((one, other) => {
      const [a, b] = [accounts[one], accounts[other]];
      return a === undefined || b === undefined ? 0 : compare(a, b);
    });
    this.places = null;
    this.ordered = pick(accounts, this.order);
  }

  /** The same order with the rows that changed: one copy, since a list that was shown is never changed. */
  private patched(changes: readonly RowChange[]): readonly AccountRow[] {
    if (changes.length === 0) return this.ordered;
    const rows = [...this.ordered];
    const places = (this.places ??= placesIn(this.order));
    for (const { at, after } of changes) rows[places[at] ?? at] = after;
    return rows;
  }

  /** Whether all is as it was last time: a list of tens of thousands made anew each second is a lot to be cleared away. */
  private stays(accounts: readonly AccountRow[], { sort, direction, filter, frozen }: OrderOptions): boolean {
    const isAsked = sort === this.sort && direction === this.direction && filter === this.filter;
    return accounts === this.accounts && isAsked && !frozen && !this.unsettled && !this.isBusy;
  }

  private matching(rows: readonly AccountRow[], filter: Pattern): readonly AccountRow[] {
    if (filter !== this.judgedBy) this.judged = new WeakMap();
    this.judgedBy = filter;
    const isOver = timeSlice(this.monotonic);
    return rows.filter((row) => {
      const known = this.judged.get(row);
      if (known !== undefined) return known;
      if (isOver()) {
        this.isBusy = true;
        return false;
      }
      const said = filter.matches(accountText(row));
      this.judged.set(row, said);
      return said;
    });
  }

  /** The rows of last time, in the same order. */
  private still(rows: readonly AccountRow[]): readonly AccountRow[] {
    const ids = new Set(this.listed.map(({ id }) => id));
    return rows.filter(({ id }) => ids.has(id));
  }

  private isDue(
    rows: readonly AccountRow[],
    changes: readonly RowChange[] | null,
    { sort, direction, frozen }: Omit<OrderOptions, 'filter'>,
    now: number,
  ): boolean {
    if (sort !== this.sort || direction !== this.direction) return true;
    const isSteady = sort === 'state' || sort === 'e-mail';
    if (frozen || (!isSteady && now - this.sortedAt < SETTLE_MS)) {
      this.unsettled = true;
      return false;
    }
    const isInPlace = changes?.every(({ before, after }) => sameKeys[sort](before, after)) === true;
    if (!this.unsettled && isInPlace) return false;
    this.unsettled = false;
    return !ascending(rows, comparerOf(sort, direction));
  }

  /** Takes in another set of accounts: known ones keep their places, new ones are at the end until the next sort. */
  private adopt(accounts: readonly AccountRow[], frozen: boolean): void {
    const indexById = new Map(accounts.map((account, index) => [account.id, index]));
    const kept: number[] = [];
    for (const index of this.order) {
      const id = this.accounts[index]?.id;
      const now = id === undefined ? undefined : indexById.get(id);
      if (id === undefined || now === undefined) continue;
      kept.push(now);
      indexById.delete(id);
    }
    this.order = [...kept, ...indexById.values()];
    this.places = null;
    if (!frozen) this.sort = null;
  }
}

/** A plain loop, because it runs over every account. */
function ascending(rows: readonly AccountRow[], compare: (a: AccountRow, b: AccountRow) => number): boolean {
  for (let at = 1; at < rows.length; at++) {
    const before = rows[at - 1];
    const here = rows[at];
    if (before !== undefined && here !== undefined && compare(before, here) > 0) return false;
  }
  return true;
}

function placesIn(order: readonly number[]): Uint32Array {
  const places = new Uint32Array(order.length);
  for (const [place, index] of order.entries()) places[index] = place;
  return places;
}

function pick(accounts: readonly AccountRow[], order: readonly number[]): AccountRow[] {
  const rows: AccountRow[] = [];
  for (const index of order) {
    const row = accounts[index];
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
