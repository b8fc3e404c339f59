import type { Account } from '../store/account.js';
import type { AccountStore, StoredAccount } from '../store/accounts.js';
import type { Clock } from '../store/clock.js';
import { grantKey } from '../store/fingerprint.js';
import type { StateStore } from '../store/state.js';
import type { OAuthClients } from './grants/clients.js';
import type { Refresher } from './grants/refresh.js';
import type { AccountState, Counts, Health } from './snapshot.js';
import { standingOf, type Circumstances, type Standing } from './standing.js';

/** An account in the pool, with what only the running proxy knows of it. One object for as long as the account exists. */
export interface Member {
  readonly id: string;
  readonly email: string;
  /** As `x-goog-user-project` names it; null: the account has none. */
  readonly projectId: string | null;
  /** What Google's rate limits count for: the project, else the account itself. */
  readonly quotaProject: string;
  /** May be empty or expired. */
  readonly accessToken: string;
  /** When the access token ends, on the clock that nobody can set (`Clock.monotonic`, ms). */
  readonly accessDeadline: number;
  readonly standing: Standing;
  inFlight: number;
  requests: number;
  errors: number;
  /** ms since 1970. */
  lastUsed: number | null;
}

export interface CoolDown {
  /** null: everything of the project. */
  readonly model: string | null;
  /** ms since 1970. */
  readonly untilMs: number;
  readonly reason: string;
}

interface MutableMember extends Member {
  /** Expiry as the file says it, unix seconds: a change means that another program renewed the token. */
  accessExpiry: number;
  email: string;
  projectId: string | null;
  quotaProject: string;
  accessToken: string;
  accessDeadline: number;
  standing: Standing;
}

/** What `shortage` says when nobody can serve. */
export interface Shortage {
  /** All that could serve are cooling; the first is free after this many ms. */
  readonly retryAfterMs: number | null;
  readonly text: string;
}

export interface PoolParts {
  readonly store: AccountStore;
  readonly state: StateStore;
  readonly refresher: Refresher;
  readonly clients: OAuthClients;
  readonly clock: Clock;
}

/** With less life than this an access token counts as expired: the request still has to travel. */
const LEAST_LIFE_MS = 5_000;

/**
 * The accounts that may serve, in rotation.
 *
 * What serves is held ready in one array, rebuilt when an account's standing changes and then swapped in, so that a
 * reload never shows an empty pool to a request.
 */
export class Pool {
  private members = new Map<string, MutableMember>();
  private ready: readonly MutableMember[] = [];
  private cursor = 0;
  /** When some standing changes by itself, on the monotonic clock. */
  private nextChange = Number.POSITIVE_INFINITY;
  /** `project` or `project model` → cool-down. */
  private readonly coolDowns = new Map<string, CoolDown>();
  private readonly listeners = new Set<(ids: readonly string[] | null) => void>();

  constructor(private readonly parts: PoolParts) {
    for (const { project, model, until, reason } of parts.state.coolDowns) {
      if (until > parts.clock.now()) this.coolDowns.set(coolKey(project, model), { model, untilMs: until, reason });
    }
    this.rebuild();
    parts.store.onChange((ids) => this.update(ids));
    parts.refresher.onTrouble((ids) => this.update(ids));
  }

  /** Calls `listener` after members, standings or cool-downs changed: with the accounts, or null where it may be any. */
  onChange(listener: (ids: readonly string[] | null) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get(id: string): Member | undefined {
    return this.members.get(id);
  }

  list(): readonly Member[] {
    return [...this.members.values()];
  }

  /**
   * The next account that can serve `model` (empty: the request names none), none of `tried`; null: there is none.
   * After a first try, accounts whose access token lives go before those that would have to be refreshed.
   */
  pick(model: string, tried: ReadonlySet<string>): Member | null {
    this.advance();
    if (tried.size > 0) {
      const live = this.next(model, tried, (member) => this.isLive(member));
      if (live !== null) return live;
    }
    return this.next(model, tried, () => true);
  }

  /** Whether another account could serve `model` at once, without a refresh. */
  hasOther(model: string, tried: ReadonlySet<string>): boolean {
    const now = this.parts.clock.now();
    return this.ready.some(
      (member) => this.isLive(member) && !tried.has(member.id) && !this.isCooling(member, model, now),
    );
  }

  begin(member: Member): void {
    member.inFlight++;
  }

  end(member: Member, outcome: 'ok' | 'error', at: number): void {
    member.inFlight--;
    member.requests++;
    member.lastUsed = at;
    if (outcome === 'error') member.errors++;
  }

  /** Leaves a member's quota project alone, for one model or for all, until a time. */
  cool(member: Member, coolDown: CoolDown): void {
    const key = coolKey(member.quotaProject, coolDown.model);
    const before = this.coolDowns.get(key);
    if (before !== undefined && before.untilMs >= coolDown.untilMs) return;
    this.coolDowns.set(key, coolDown);
    this.saveCoolDowns();
    this.tell([member.id]);
  }

  /** The cool-down of a member that ends last; null: none. */
  coolDownOf(member: Member): (CoolDown & { readonly project: string }) | null {
    if (this.coolDowns.size === 0) return null;
    const now = this.parts.clock.now();
    let longest: CoolDown | null = null;
    for (const [key, coolDown] of this.coolDowns) {
      if (!isOfProject(key, member.quotaProject) || coolDown.untilMs <= now) continue;
      if (longest === null || coolDown.untilMs > longest.untilMs) longest = coolDown;
    }
    return longest === null ? null : { ...longest, project: member.quotaProject };
  }

  /** The state that people see: a member that serves, but cools, reads cooling. */
  stateOf(member: Member): AccountState {
    if (member.standing.state !== 'ready') return member.standing.state;
    return this.coolDownOf(member) === null ? 'ready' : 'cooling';
  }

  counts(): Counts {
    this.advance();
    const counts: Record<AccountState, number> = {
      ready: 0,
      cooling: 0,
      disabled: 0,
      proxy_disabled: 0,
      refused: 0,
      blocked: 0,
      no_client: 0,
      unreadable: 0,
    };
    for (const member of this.members.values()) counts[this.stateOf(member)]++;
    return counts;
  }

  /** `ok`: every account that is not off by hand is ready or cooling; `degraded`: at least one serves; `down`: none. */
  health(): Health {
    const counts = this.counts();
    const wanted = this.members.size - counts.proxy_disabled;
    if (wanted > 0 && counts.ready + counts.cooling === wanted) return 'ok';
    return this.ready.length > 0 ? 'degraded' : 'down';
  }

  /** Why nobody can serve `model`. */
  shortage(model: string): Shortage {
    this.advance();
    const now = this.parts.clock.now();
    if (this.members.size === 0) {
      return { retryAfterMs: null, text: 'no account can serve: there is none yet; add one with `regrant add`' };
    }
    const waits = this.ready.map((member) => this.coolingUntil(member, model, now)).filter((until) => until > now);
    const everyOneCools = waits.length > 0 && waits.length === this.ready.length;
    return {
      retryAfterMs: everyOneCools ? Math.min(...waits) - now : null,
      text: `no account can serve: ${this.reasons(waits.length).join(', ')}`,
    };
  }

  /** Takes in what changed for a few accounts; the rest of the pool is not looked at. */
  private update(ids: readonly string[]): void {
    if (ids.length * 4 > this.members.size) {
      this.rebuild();
      return;
    }
    const now = this.parts.clock.now();
    let ready: MutableMember[] | null = null;
    for (const id of ids) {
      const before = this.members.get(id);
      const wasReady = before?.standing.serves === true;
      const member = this.memberOf(this.parts.store.get(id), before, now);
      if (member === null) this.members.delete(id);
      else this.members.set(id, member);
      if (wasReady === (member?.standing.serves === true)) continue;
      ready ??= [...this.ready];
      if (member !== null && !wasReady) ready.push(member);
      else if (before !== undefined) ready.splice(ready.indexOf(before), 1);
    }
    if (ready !== null) this.ready = ready;
    this.tell(ids);
  }

  /** Builds the pool anew from the store, and swaps it in. */
  private rebuild(): void {
    const now = this.parts.clock.now();
    const members = new Map<string, MutableMember>();
    this.nextChange = Number.POSITIVE_INFINITY;
    for (const stored of this.parts.store.list()) {
      const member = this.memberOf(stored, this.members.get(stored.id), now);
      if (member !== null) members.set(stored.id, member);
    }
    this.members = members;
    this.ready = [...members.values()].filter(({ standing }) => standing.serves);
    this.tell(null);
  }

  private memberOf(
    stored: StoredAccount | undefined,
    known: MutableMember | undefined,
    now: number,
  ): MutableMember | null {
    if (stored === undefined) return null;
    const member = known ?? newMember(stored);
    takeFacts(member, stored.account, now, this.parts.clock.monotonic());
    const accessLeftMs = member.accessDeadline - this.parts.clock.monotonic();
    member.standing = standingOf(stored, { ...this.around(stored), accessLeftMs }, now);
    const { until } = member.standing;
    if (until !== null && until > now) {
      this.nextChange = Math.min(this.nextChange, this.parts.clock.monotonic() + until - now);
    }
    return member;
  }

  private around({ account }: StoredAccount): Omit<Circumstances, 'accessLeftMs'> {
    const { clients, clock, refresher, state } = this.parts;
    if (account === null) {
      return {
        clientConfigured: true,
        clientName: '',
        clientRefusal: null,
        trouble: null,
        pauseLeftMs: 0,
        refused: null,
      };
    }
    const clientName = clients.nameOf(account);
    const trouble = refresher.trouble(account);
    return {
      clientConfigured: clients.get(clientName) !== null,
      clientName,
      clientRefusal: clients.refusal(clientName),
      trouble,
      pauseLeftMs: trouble === null ? 0 : trouble.retryAt - clock.monotonic(),
      refused: state.refused(grantKey(account)) ?? null,
    };
  }

  /** Standings that end by the clock. */
  private advance(): void {
    if (this.parts.clock.monotonic() >= this.nextChange) this.rebuild();
  }

  private next(model: string, tried: ReadonlySet<string>, wanted: (member: Member) => boolean): Member | null {
    const now = this.parts.clock.now();
    for (let step = 0; step < this.ready.length; step++) {
      const at = (this.cursor + step) % this.ready.length;
      const member = this.ready[at];
      if (member === undefined || tried.has(member.id) || !wanted(member)) continue;
      if (this.isCooling(member, model, now)) continue;
      this.cursor = at + 1;
      return member;
    }
    return null;
  }

  private isLive(member: Member): boolean {
    return member.accessToken !== '' && member.accessDeadline - this.parts.clock.monotonic() > LEAST_LIFE_MS;
  }

  private isCooling(member: Member, model: string, now: number): boolean {
    return this.coolDowns.size > 0 && this.coolingUntil(member, model, now) > now;
  }

  private coolingUntil(member: Member, model: string, now: number): number {
    const whole = this.coolDowns.get(coolKey(member.quotaProject, null))?.untilMs ?? now;
    const one = this.coolDowns.get(coolKey(member.quotaProject, model))?.untilMs ?? now;
    return Math.max(whole, one);
  }

  /** `2 disabled (invalid_grant)`, `1 refused (policy_enforced)` … */
  private reasons(cooling: number): string[] {
    const groups = new Map<string, { count: number; codes: Set<string> }>();
    for (const { standing } of this.members.values()) {
      if (standing.serves) continue;
      const group = groups.get(standing.state) ?? { count: 0, codes: new Set() };
      group.count++;
      const code = standing.state === 'proxy_disabled' ? '' : /^[\w.-]+/.exec(standing.reason)?.[0];
      if (code !== undefined && code !== '')
        group.codes.add(standing.state === 'no_client' ? (standing.cause ?? '') : code);
      groups.set(standing.state, group);
    }
    if (cooling > 0) groups.set('cooling', { count: cooling + (groups.get('cooling')?.count ?? 0), codes: new Set() });
    return [...groups].map(([state, { count, codes }]) => {
      const why = codes.size === 0 || state === 'unreadable' ? '' : ` (${[...codes].join(', ')})`;
      return `${count} ${state}${why}`;
    });
  }

  private saveCoolDowns(): void {
    const now = this.parts.clock.now();
    for (const [key, { untilMs }] of this.coolDowns) if (untilMs <= now) this.coolDowns.delete(key);
    this.parts.state.setCoolDowns(
      [...this.coolDowns].map(([key, { model, untilMs, reason }]) => ({
        project: key.split(' ')[0] ?? key,
        model,
        until: untilMs,
        reason,
      })),
    );
  }

  private tell(ids: readonly string[] | null): void {
    for (const listener of this.listeners) listener(ids);
  }
}

/** Neither projects nor account ids have spaces in them. */
const coolKey = (project: string, model: string | null): string => (model === null ? project : `${project} ${model}`);

const isOfProject = (key: string, project: string): boolean => key === project || key.startsWith(`${project} `);

const nowhere: Standing = {
  state: 'unreadable',
  serves: false,
  cause: null,
  reason: '',
  since: null,
  until: null,
  borrowedUntil: null,
};

function newMember({ id, account }: StoredAccount): MutableMember {
  const lastUsed = account?.lastUsed ?? null;
  return {
    id,
    email: '',
    projectId: null,
    quotaProject: id,
    accessToken: '',
    accessDeadline: 0,
    accessExpiry: -1,
    standing: nowhere,
    inFlight: 0,
    requests: 0,
    errors: 0,
    lastUsed: lastUsed === null ? null : lastUsed * 1000,
  };
}

/** Takes in what the account's file says now. The statistics stay. */
function takeFacts(member: MutableMember, account: Account | null, now: number, monotonic: number): void {
  member.email = account?.email ?? '';
  member.projectId = account?.projectId ?? null;
  member.quotaProject = account?.projectId ?? member.id;
  const accessToken = account?.accessToken ?? '';
  const accessExpiry = account?.expiresAt ?? 0;
  if (accessToken === member.accessToken && accessExpiry === member.accessExpiry) return;
  member.accessToken = accessToken;
  member.accessExpiry = accessExpiry;
  member.accessDeadline = monotonic + (account === null ? 0 : lifeLeftMs(account, now));
}

/**
 * How long an access token just met will live. Reckoned once, when it is met, and kept on the monotonic clock: a wall
 * clock set meanwhile neither ends it nor keeps it. A clock that is wrong now cannot give it more than a whole life.
 */
const lifeLeftMs = ({ expiresAt, expiresIn }: Account, now: number): number =>
  Math.min(expiresAt * 1000 - now, (expiresIn ?? Infinity) * 1000);
