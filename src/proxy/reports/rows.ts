import type { AccountStore } from '../../store/accounts/account-store.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import type { StateStore } from '../../store/state/state-store.js';
import { grantKey } from '../../store/ground/fingerprint.js';
import type { Clock } from '../../store/ground/clock.js';
import type { Cause } from '../contract/causes.js';
import { readDisabledReason } from '../contract/disabled-reason.js';
import type { OAuthClients } from '../oauth/clients.js';
import type { GrantEvidence } from '../grants/evidence.js';
import type { Refresher } from '../grants/refresh.js';
import type { Member } from '../pool/member.js';
import { restReason, restingWhat } from './rest-words.js';
import type { Pool } from '../pool/pool.js';
import type { AccountRow, AccountState, QuotaLimit } from '../contract/snapshot.js';
import { withoutTokens, type QuotaGroup } from '../../store/accounts/account.js';
import type { JsonObject } from '../../store/ground/json.js';

export interface RowParts {
  readonly store: AccountStore;
  readonly state: StateStore;
  readonly pool: Pool;
  readonly refresher: Refresher;
  readonly clients: OAuthClients;
  readonly evidence: GrantEvidence;
  readonly clock: Clock;
}

const ms = (seconds: number | null | undefined): number | null =>
  seconds === null || seconds === undefined ? null : seconds * 1000;

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
  private rows: readonly AccountRow[] = [];
  private places = new Map<string, number>();
  /** Ids of the accounts whose rows are out of date; null: all. */
  private stale: Set<string> | null = null;
  /**
   * Accounts that served since the last list: at full traffic those are all of them, ten times a second, and only their
   * counts have changed.
   */
  private readonly served = new Set<string>();
  private rankedAt = Number.NEGATIVE_INFINITY;
  private rankedBy = '';
  private countedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: RowParts) {
    parts.pool.onChange((ids) => {
      if (ids === null) this.stale = null;
      else for (const id of ids) this.stale?.add(id);
    });
    parts.refresher.onBegin((id) => this.stale?.add(id));
    parts.pool.onServing(({ id }) => this.served.add(id));
  }

  read(): readonly AccountRow[] {
    this.parts.pool.advance();
    this.rerank();
    const { stale } = this;
    if (stale === null || !this.replace(stale)) this.list();
    const made = stale === null ? this.rows : [...stale].flatMap((id) => this.rows[this.places.get(id) ?? -1] ?? []);
    this.stale = new Set(made.filter(({ refreshing }) => refreshing).map(({ id }) => id));
    return this.rows;
  }

  private rerank(): void {
    const now = this.parts.clock.monotonic();
    if (now - this.rankedAt < RANK_EVERY_MS) return;
    const { basis } = this.parts.evidence;
    if (basis === this.rankedBy && now - this.rankedAt < RANK_ANYWAY_MS) return;
    this.rankedAt = now;
    this.rankedBy = basis;
    for (const { id, state } of this.rows) if (state === 'disabled') this.stale?.add(id);
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
    const rows = [...this.rows];
    if (counting) this.recount(rows);
    for (const [place, row] of made) rows[place] = row;
    this.rows = rows;
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
      const row = (isStale ? undefined : known[before.get(stored.id) ?? -1]) ?? this.rowFor(stored);
      if (row === null) continue;
      this.places.set(row.id, rows.length);
      rows.push(row);
    }
    this.haveCounted();
    this.rows = rows;
  }

  private rowFor(stored: StoredAccount | undefined): AccountRow | null {
    const member = stored === undefined ? undefined : this.parts.pool.get(stored.id);
    return stored === undefined || member === undefined ? null : rowOf(stored, member, this.parts);
  }
}

function rowOf(stored: StoredAccount, member: Member, parts: RowParts): AccountRow {
  const { standing } = member;
  const state = parts.pool.stateOf(member);
  const rests = standing.state === 'ready' ? restFacts(member, parts) : NO_REST;
  const note = standing.state === 'ready' ? parts.pool.noteOf(member) : null;
  return {
    id: stored.id,
    file: stored.file,
    email: member.email,
    label: member.rules.label,
    name: stored.account?.name ?? '',
    state,
    ...causesOf(stored, rests.cause ?? standing.cause, parts),
    reason: rests.reason ?? (note === null ? standing.reason : `forbidden: ${note.words}`),
    since: rests.since ?? note?.since ?? standing.since,
    serves: servesSoon(state, rests.until ?? null, member, parts),
    ...serviceOf(member, parts.clock),
    coolingUntil: rests.until ?? (standing.state === 'cooling' ? standing.until : null),
    coolingWhat: rests.what,
    borrowedUntil: standing.borrowedUntil,
    protectedModels: member.protectedModels,
    notSaved: stored.notSaved,
    unsaved: stored.unsaved,
    ...grantFacts(stored, parts),
    ...(state === 'blocked' && { retryAt: rests.until ?? standing.until }),
    ...fileFacts(stored),
  };
}

/** Whether an account counts as serving: it can be asked now, or a request is held for it. */
function servesSoon(
  state: AccountState,
  until: number | null,
  { standing }: Member,
  { pool, clock }: Pick<RowParts, 'pool' | 'clock'>,
): boolean {
  if (state === standing.state) return standing.serves && state !== 'cooling';
  return state === 'cooling' && until !== null && until - clock.now() <= pool.waitMs;
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

const NO_REST = { cause: null, reason: null, since: null, until: null, what: '' } as const;

/** The most important rest of an account. Times in ms since 1970. */
function restFacts(member: Member, { pool }: RowParts) {
  const resting = pool.restOf(member);
  if (resting === null) return NO_REST;
  const { rest, sinceMs: since, untilMs: until } = resting;
  return { cause: rest.cause, reason: restReason(rest), since, until, what: restingWhat(rest) };
}

/** The values that serving a request changes. */
const serviceOf = ({ accessToken, accessDeadline, requests, errors, inFlight, lastUsed }: Member, clock: Clock) => ({
  accessExpiresAt: accessToken === '' ? null : clock.now() + accessDeadline - clock.monotonic(),
  ...{ requests, errors, inFlight, lastUsed },
});

/** The causes of a dead grant, ranked by everything that is known now; any other cause as it was told. */
function causesOf({ account }: StoredAccount, told: Cause | null, { evidence }: RowParts) {
  if (account?.disabled === null || account?.disabled === undefined) return { cause: told, causes: [] };
  const { words, subtype } = readDisabledReason(account.disabled.reason);
  const ranked = evidence.rank(account, words, subtype);
  // if Google itself names the cause, no other is possible
  return { cause: ranked[0].cause, causes: ranked[0].fit === 'certain' ? [ranked[0]] : ranked };
}

/** The fields of a row about its grant. */
function grantFacts({ account }: StoredAccount, { clients, clock, evidence, refresher }: RowParts) {
  if (account === null) {
    const nothing = { grantEndsAt: null, refreshing: false, retryAt: null, trouble: null };
    return { ...nothing, client: '', clientKnown: false, refreshToken: null };
  }
  const trouble = refresher.trouble(account);
  return {
    grantEndsAt: account.disabled === null ? ms(evidence.endOf(account)?.at) : null,
    refreshing: refresher.isUnderWay(account),
    retryAt: trouble === null ? null : clock.now() + trouble.retryAt - clock.monotonic(),
    trouble: trouble?.error.message ?? null,
    client: clients.nameOf(account),
    clientKnown: account.clientKey !== null,
    refreshToken: { length: account.refreshToken.length, sha256: grantKey(account).slice(0, 8) },
  };
}

/** The fields of a row that come from the file, without tokens. */
function fileFacts({ account }: StoredAccount) {
  const models = account?.quota?.models ?? [];
  return {
    quotaPercent: models.length === 0 ? null : Math.min(...models.map(({ percentage }) => percentage)),
    quotaLimits: account?.quota?.groups.flatMap(limitsOf) ?? [],
    projectId: account?.projectId ?? null,
    proxyDisabled: account !== null && account.proxyDisabled !== null,
    validationUrl: account?.validationBlocked?.url ?? null,
    createdAt: ms(account?.createdAt),
  };
}

const limitsOf = ({ name, buckets }: QuotaGroup): readonly QuotaLimit[] =>
  buckets.map(({ window, id, percentage, resetTime }) => {
    const resetAt = resetTime === null ? NaN : Date.parse(resetTime);
    return { group: name, window: window || id, percentage, resetAt: Number.isNaN(resetAt) ? null : resetAt };
  });

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
