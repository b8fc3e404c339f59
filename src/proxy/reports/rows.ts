import type { StoredAccount } from '../../store/accounts/stored-account.js';
import type { Clock } from '../../store/ground/clock.js';
import { setImmediate as breath } from 'node:timers/promises';
import { ROWS_A_TURN, RowsAhead } from './rows-ahead.js';
import { causesOf, rowOf, servesSoon, serviceOf, type RowParts } from './row-of.js';
import type { Pool } from '../pool/pool.js';
import type { AccountRow } from '../contract/snapshot.js';
import { withoutTokens } from '../../store/accounts/account.js';
import type { JsonObject } from '../../store/ground/json.js';
import { sameJson } from '../../store/ground/merge.js';

/** How often a dead grant's likeliest cause is ranked again, at most: it depends on what happened to other grants. */
const RANK_EVERY_MS = 1_000;
/** How often it is where nothing happened to others: the words of some causes have an age in them. */
const RANK_ANYWAY_MS = 60_000;

/**
 * Up to so many rows have their counts updated at once, more only every so often: a row made anew for each of ten
 * frames a second lives just long enough to get into the old generation, and collecting that delays frames and
 * requests.
 */
const FEW = 16;
const COUNT_MANY_EVERY_MS = 500;

/**
 * Every account file as a screen or a script sees it. Rows are kept, and only those of accounts that changed are made
 * again, so that ten frames a second of ten thousand accounts cost next to nothing. A list that was returned is never
 * changed: where nothing changed, the same list is returned again.
 */
export class AccountRows {
  private rows: AccountRow[] = [];
  /** Whether somebody has that list: it stays as it is then. */
  private areShown = false;
  private places = new Map<string, number>();
  /** Ids of the accounts whose rows are out of date; null: all. */
  private stale: Set<string> | null = null;
  private readonly ahead = new RowsAhead((id) => this.rowAhead(id));
  /**
   * Accounts that served since the last list: at full traffic those are all of them, ten times a second, and only their
   * counts have changed.
   */
  private readonly served = new Set<string>();
  /** Of the models that were asked for when the rows were made: whether an account is cooling depends on those. */
  private askedVersion = -1;
  private rankedAt = Number.NEGATIVE_INFINITY;
  private rankedBy = '';
  private countedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: RowParts) {
    parts.pool.onChange((ids) => {
      if (ids === null) this.forgetAll();
      else for (const id of ids) this.forget(id);
    });
    parts.refresher.onBegin((id) => this.forget(id));
    parts.pool.onServing(({ id }) => {
      this.served.add(id);
      this.ahead.forget(id);
    });
  }

  read(): readonly AccountRow[] {
    this.advance();
    this.rerank();
    const { stale } = this;
    if (stale === null || !this.replace(stale)) this.list();
    const made = stale === null ? this.rows : [...stale].flatMap((id) => this.rows[this.places.get(id) ?? -1] ?? []);
    this.stale = new Set(made.filter(({ refreshing }) => refreshing).map(({ id }) => id));
    this.areShown = true;
    return this.rows;
  }

  /** The first rows of the list, without making the others. */
  first(count: number): readonly AccountRow[] {
    this.advance();
    return this.ahead.first(count, this.parts.store.list());
  }

  /** Makes the rows of a list of all ahead, by turns. @returns null: there is little to make */
  prepared(): Promise<void> | null {
    if (this.stale === null) return this.ahead.prepare(this.parts.store.list(), () => this.stale === null);
    return this.stale.size + this.served.size > ROWS_A_TURN ? this.catchUp() : null;
  }

  /** Makes the rows anew that are out of date: where nobody looked for long, these are many. */
  private async catchUp(): Promise<void> {
    this.parts.pool.advance();
    const ids = [...new Set([...(this.stale ?? []), ...this.served])];
    for (let from = 0; from < ids.length && this.stale !== null; from += ROWS_A_TURN) {
      this.makeAnew(ids.slice(from, from + ROWS_A_TURN), this.stale);
      await breath();
    }
  }

  private makeAnew(ids: readonly string[], stale: Set<string>): void {
    const rows = this.unshown();
    for (const id of ids) {
      const place = this.places.get(id);
      const row = place === undefined ? null : this.rowFor(this.parts.store.get(id));
      // one that was added or removed waits for a new list
      if (place === undefined || row === null) continue;
      rows[place] = row;
      this.served.delete(id);
      if (!row.refreshing) stale.delete(id);
    }
  }

  /** The list, or a copy of it where somebody has it. */
  private unshown(): AccountRow[] {
    if (this.areShown) this.rows = [...this.rows];
    this.areShown = false;
    return this.rows;
  }

  private advance(): void {
    const { pool, clock } = this.parts;
    pool.advance();
    const version = pool.asked.version(clock.now());
    if (version === this.askedVersion) return;
    this.askedVersion = version;
    for (const { id } of pool.stateCounts.limited) this.forget(id);
  }

  private forget(id: string): void {
    this.stale?.add(id);
    this.ahead.forget(id);
  }

  private forgetAll(): void {
    this.stale = null;
    this.ahead.clear();
  }

  private rerank(): void {
    const now = this.parts.clock.monotonic();
    if (now - this.rankedAt < RANK_EVERY_MS) return;
    const { basis } = this.parts.evidence;
    const isBasisOld = basis !== this.rankedBy;
    if (!isBasisOld && now - this.rankedAt < RANK_ANYWAY_MS) return;
    this.rankedAt = now;
    this.rankedBy = basis;
    for (const row of this.rows) {
      const mayDiffer = row.state === 'disabled' && (isBasisOld || this.mayAge(row));
      if (mayDiffer && !this.isRankedSo(row)) this.stale?.add(row.id);
    }
  }

  /** Whether its causes may be others with the time alone: ages are those at its death, and that is now where none is known. */
  private mayAge({ id }: AccountRow): boolean {
    const { store, state } = this.parts;
    // what other boxes learn of a grant is told nowhere
    return state.elsewhere !== null || (store.get(id)?.account?.disabled?.at ?? null) === null;
  }

  /** Whether a row says what is known now: most of them stay, and need not be sent to every screen again. */
  private isRankedSo({ id, cause, causes }: AccountRow): boolean {
    const stored = this.parts.store.get(id);
    const now = stored === undefined ? null : causesOf(stored, cause, this.parts);
    return now !== null && now.cause === cause && sameJson(now.causes, causes);
  }

  /** @returns false: an account was added or removed, so the list has to be made */
  private replace(ids: ReadonlySet<string>): boolean {
    const made: (readonly [place: number, row: AccountRow])[] = [];
    for (const id of ids) {
      const place = this.places.get(id);
      const row = this.rowFor(this.parts.store.get(id));
      if (place === undefined || row === null) return false;
      made.push([place, row]);
    }
    const counting = this.isCountDue();
    if (made.length === 0 && !counting) return true;
    const rows = this.unshown();
    if (counting) this.recount(rows);
    for (const [place, row] of made) rows[place] = row;
    return true;
  }

  private isCountDue(): boolean {
    const many = this.served.size > FEW;
    return this.served.size > 0 && !(many && this.parts.clock.monotonic() - this.countedAt < COUNT_MANY_EVERY_MS);
  }

  private recount(rows: AccountRow[]): void {
    for (const id of this.served) {
      const place = this.places.get(id);
      const row = place === undefined ? undefined : rows[place];
      const member = this.parts.pool.get(id);
      if (place !== undefined && row !== undefined && member !== undefined) {
        rows[place] = { ...row, ...serviceOf(member, this.parts.clock) };
      }
    }
    this.haveCounted();
  }

  private haveCounted(): void {
    this.served.clear();
    this.countedAt = this.parts.clock.monotonic();
  }

  /** Makes the list of all; of the rows, those that are out of date. */
  private list(): void {
    const rows: AccountRow[] = [];
    const { rows: known, places: before, stale, served } = this;
    this.places = new Map();
    for (const stored of this.parts.store.list()) {
      const isStale = stale === null || stale.has(stored.id) || served.has(stored.id);
      const row = (isStale ? this.ahead.get(stored.id) : known[before.get(stored.id) ?? -1]) ?? this.rowFor(stored);
      if (row === null) continue;
      this.places.set(row.id, rows.length);
      rows.push(row);
    }
    this.haveCounted();
    this.ahead.clear();
    this.rows = rows;
    this.areShown = false;
  }

  private rowAhead(id: string): AccountRow | null {
    // the list that is made of these needs no new counts; a list that stands does
    if (this.stale === null) this.served.delete(id);
    return this.rowFor(this.parts.store.get(id));
  }

  private rowFor(stored: StoredAccount | undefined): AccountRow | null {
    const member = stored === undefined ? undefined : this.parts.pool.get(stored.id);
    return stored === undefined || member === undefined ? null : rowOf(stored, member, this.parts);
  }
}

/** How many accounts serve, or will within the time that a request is held: only those that rest are looked at. */
export function servingNow(pool: Pool, clock: Clock): number {
  pool.advance();
  const soon = [...pool.stateCounts.limited].filter((member) => {
    const rest = member.standing.state === 'ready' ? pool.restOf(member) : null;
    return servesSoon(pool.stateOf(member), rest?.untilMs ?? null, member, { pool, clock });
  });
  return pool.stateCounts.of('serves') + soon.length;
}

const secondsOf = (at: number | null): number | null => (at === null ? null : Math.ceil(at / 1_000));

/**
 * An account as `regrant accounts --json` lists it: its file without tokens, with its standing, since when, and until
 * when it rests or when it is tried again (unix seconds; null: not known).
 */
export function listed(row: AccountRow, json: JsonObject | null): JsonObject {
  const standing = {
    ...{ state: row.state, cause: row.cause, ...(row.unsaved.length > 0 && { unsaved: true }) },
    ...{ since: secondsOf(row.since), until: secondsOf(row.coolingUntil ?? row.retryAt) },
  };
  if (row.state === 'unreadable')
    return { id: row.id, file: row.file, email: row.email || null, ...standing, reason: row.reason };
  return { ...withoutTokens(json ?? {}), ...usedSince(row, json), ...standing };
}

/** The file is told only now and then that its account has served. */
function usedSince({ lastUsed }: AccountRow, json: JsonObject | null): JsonObject {
  const seconds = secondsOf(lastUsed);
  const told = json?.last_used;
  return seconds === null || (typeof told === 'number' && told >= seconds) ? {} : { last_used: seconds };
}
