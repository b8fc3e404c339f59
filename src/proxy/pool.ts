import type { Account } from '../store/account.js';
import type { AccountStore, StoredAccount } from '../store/accounts.js';
import type { Clock } from '../store/clock.js';
import { grantKey } from '../store/fingerprint.js';
import { blockValidation } from '../store/patches.js';
import type { Settings } from '../store/settings.js';
import type { StateStore } from '../store/state.js';
import { CoolDowns, type CoolDown } from './cool-downs.js';
import { Deadlines } from './deadlines.js';
import type { Forbidden } from './forbidden.js';
import type { OAuthClients } from './grants/clients.js';
import type { Refresher } from './grants/refresh.js';
import { protectionOf, type QuotaRules } from './quota-protection.js';
import { Rotation } from './rotation.js';
import type { AccountState, Counts, Health } from './snapshot.js';
import { standingOf, type Circumstances, type Standing } from './standing.js';
import { Sticky } from './sticky.js';
import type { Home } from './stored-resources.js';

export type { CoolDown } from './cool-downs.js';

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
  /** Models, or groups of them, whose remaining quota is kept. */
  readonly protectedModels: readonly string[];
  inFlight: number;
  requests: number;
  errors: number;
  /** ms since 1970. */
  lastUsed: number | null;
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
  protectedModels: readonly string[];
  /** Its place in the order of the accounts; -1: none yet. */
  number: number;
  /** What it was counted as; null: not yet. */
  shown: AccountState | null;
  /** It was counted among those that serve. */
  counted: boolean;
  /** When its standing changes by itself, on the monotonic clock. */
  changesAt: number;
}

/** What `shortage` says when nobody can serve. */
export interface Shortage {
  /** All that could serve are cooling; the first is free after this many ms. */
  readonly retryAfterMs: number | null;
  readonly text: string;
}

/** What the upstream has forbidden an account. */
interface Forbiddance {
  readonly reason: string;
  /** ms since 1970. */
  readonly since: number;
  /** The account, or its quota project, that was left alone for it; null: neither was. */
  readonly cooled: string | null;
}

export interface PoolParts {
  readonly store: AccountStore;
  readonly state: StateStore;
  readonly refresher: Refresher;
  readonly clients: OAuthClients;
  readonly clock: Clock;
  readonly settings?: Settings['pool'];
  /** Without them only what the files say is protected. */
  readonly quotaProtection?: QuotaRules;
}

const noRules: QuotaRules = { enabled: false, thresholdPercent: 0, models: [] };

/** A human has to verify the account: it is asked again after this, in case it happened. */
const VALIDATION_SECONDS = 600;
/** An account that lacks what every request needs is asked again after this. */
const FORBIDDEN_MS = 60_000;
/** With less life than this an access token counts as expired: the request still has to travel. */
const LEAST_LIFE_MS = 5_000;

/**
 * The accounts that may serve, in rotation.
 *
 * What a request asks costs a few steps, however many accounts there are: who can serve is worked out when an account, a
 * cool-down or the time changes it. A reload changes one account after the other in one go, so that no request meets an
 * empty pool.
 */
export class Pool {
  private members = new Map<string, MutableMember>();
  private readonly byProject = new Map<string, Set<MutableMember>>();
  private readonly coolDowns: CoolDowns;
  private readonly rotation: Rotation<MutableMember>;
  private readonly sticky: Sticky | null;
  /** When some standing changes by itself, on the monotonic clock. */
  private readonly changes = new Deadlines<MutableMember>();
  private readonly forbidden = new Map<string, Forbiddance>();
  private nextNumber = 0;
  private serving = 0;
  private counted: Record<AccountState, number> = noCounts();
  private readonly listeners = new Set<(ids: readonly string[] | null) => void>();
  private readonly servingListeners = new Set<(member: Member) => void>();

  constructor(private readonly parts: PoolParts) {
    const { state, clock, store, refresher, settings } = parts;
    this.coolDowns = new CoolDowns(state.coolDowns, clock.now());
    this.rotation = new Rotation(settings?.strategy ?? 'round-robin', this.coolDowns);
    const stickySeconds = settings?.stickySeconds ?? 0;
    this.sticky = stickySeconds === 0 ? null : new Sticky(stickySeconds * 1000);
    this.rebuild();
    store.onChange((ids) => this.update(ids));
    refresher.onTrouble((ids) => this.update(ids));
  }

  /** Calls `listener` after members, standings or cool-downs changed: with the accounts, or null where it may be any. */
  onChange(listener: (ids: readonly string[] | null) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls `listener` whenever a member begins or ends to serve a request. */
  onServing(listener: (member: Member) => void): () => void {
    this.servingListeners.add(listener);
    return () => this.servingListeners.delete(listener);
  }

  get(id: string): Member | undefined {
    return this.members.get(id);
  }

  list(): readonly Member[] {
    return [...this.members.values()];
  }

  /** Requests of one conversation go to one account, as long as it can serve them. */
  get isSticky(): boolean {
    return this.sticky !== null;
  }

  /**
   * The next account that can serve `model` (empty: the request names none), none of `tried`; null: there is none.
   * After a first try, accounts whose access token lives go before those that would have to be refreshed.
   *
   * @param conversation - tells one conversation of a client from another; null: it is not known
   */
  pick(model: string, tried: ReadonlySet<string>, conversation: string | null = null): Member | null {
    this.advance();
    const bound = conversation === null ? null : this.bound(model, tried, conversation);
    if (bound !== null) return bound;
    const live = tried.size === 0 ? null : this.rotation.look(model, tried, (member) => this.isLive(member));
    if (live !== null) this.rotation.took(model, live);
    const member = live ?? this.rotation.next(model, tried);
    if (conversation !== null && member !== null) {
      this.sticky?.bind(conversation, member.id, this.parts.clock.monotonic());
    }
    return member;
  }

  /**
   * The account of one quota project that can serve `model` best, none of `tried`: `wanted` before others, those with a
   * living access token before those that would have to be refreshed, idle ones before busy ones; null: there is none.
   */
  pickOf(project: string, wanted: string | null, model: string, tried: ReadonlySet<string>): Member | null {
    this.advance();
    const rank = (member: Member): number =>
      (member.id === wanted ? 0 : 2e9) + (this.isLive(member) ? 0 : 1e9) + member.inFlight;
    let best: Member | null = null;
    for (const member of this.byProject.get(project) ?? []) {
      if (tried.has(member.id) || !this.rotation.can(member, model)) continue;
      if (best === null || rank(member) < rank(best)) best = member;
    }
    return best;
  }

  /** Whether another account could serve `model` at once, without a refresh; of very many not all are looked at. */
  hasOther(model: string, tried: ReadonlySet<string>): boolean {
    return this.rotation.look(model, tried, (member) => this.isLive(member)) !== null;
  }

  begin(member: Member): void {
    member.inFlight++;
    for (const listener of this.servingListeners) listener(member);
  }

  end(member: Member, outcome: 'ok' | 'error', at: number): void {
    member.inFlight--;
    member.requests++;
    member.lastUsed = at;
    if (outcome === 'error') member.errors++;
    for (const listener of this.servingListeners) listener(member);
  }

  /**
   * Leaves a member alone, for one model or for all, until a time.
   *
   * @param key - the quota project that it may share with others; its own `id` where the fault is the account's alone
   */
  cool(member: Member, coolDown: CoolDown, key: string = member.quotaProject): void {
    if (!this.coolDowns.add(key, coolDown)) return;
    this.parts.state.setCoolDowns(() => this.coolDowns.records());
    this.restateCoolable(key);
  }

  /**
   * Takes in a 403 of the upstream: asks a human to verify where Google does, rests an account that lacks what every request
   * needs, and says so on the row. It is no verdict on the grant.
   */
  forbid(member: Member, { kind, reason, url }: Forbidden): void {
    const now = this.parts.clock.now();
    if (kind === 'validation') {
      const until = Math.ceil(now / 1000) + VALIDATION_SECONDS;
      // A write that fails holds in memory and is tried again by the store.
      this.parts.store.patch(member.id, blockValidation({ until, reason, url })).catch(() => undefined);
      return;
    }
    const before = this.forbidden.get(member.id);
    const cooled = kind === 'account' ? member.id : kind === 'project' ? member.quotaProject : (before?.cooled ?? null);
    this.forbidden.set(member.id, { reason, since: before?.since ?? now, cooled });
    if (kind !== 'other' && cooled !== null) {
      this.cool(member, { model: null, untilMs: now + FORBIDDEN_MS, reason }, cooled);
    }
    this.tell([member.id]);
  }

  /** The upstream served it: whatever it was forbidden is allowed again. */
  permit(member: Member): void {
    if (this.forbidden.size === 0) return;
    const forbidden = this.forbidden.get(member.id);
    if (forbidden === undefined) return;
    this.forbidden.delete(member.id);
    if (forbidden.cooled !== null) this.warm(forbidden.cooled);
    this.tell([member.id]);
  }

  /** A call with its new credential has just been served: nothing of what the earlier one was left alone for counts any more. */
  proven(accountId: string): void {
    const member = this.members.get(accountId);
    if (member === undefined) return;
    this.permit(member);
    this.warm(member.id);
  }

  private warm(key: string): void {
    if (!this.coolDowns.end(key, null)) return;
    this.parts.state.setCoolDowns(() => this.coolDowns.records());
    this.restateCoolable(key);
  }

  /** What the upstream has forbidden a member last, and since when (ms since 1970); null: nothing. */
  forbiddenOf(member: Member): { readonly reason: string; readonly since: number } | null {
    return this.forbidden.get(member.id) ?? null;
  }

  /** The cool-down of a member that ends last, and what it is of, in words; null: none. */
  coolDownOf(member: Member): (CoolDown & { readonly what: string }) | null {
    this.advance();
    const longest = this.coolDowns.longestOf(member);
    if (longest === null) return null;
    const whole = longest.key === member.id ? 'the account' : `project ${longest.key}`;
    return { ...longest, what: longest.model ?? whole };
  }

  /** The state that people see: a member that serves, but cools, reads cooling. */
  stateOf(member: Member): AccountState {
    this.advance();
    return this.stateNow(member);
  }

  counts(): Counts {
    this.advance();
    return { ...this.counted };
  }

  /** `ok`: every account that is not off by hand is ready or cooling; `degraded`: at least one serves; `down`: none. */
  health(): Health {
    const counts = this.counts();
    const wanted = this.members.size - counts.proxy_disabled;
    if (wanted > 0 && counts.ready + counts.cooling === wanted) return 'ok';
    return this.serving > 0 ? 'degraded' : 'down';
  }

  /** Why nobody can serve `model`. @param home - only accounts that can see this were asked; null: all were */
  shortage(model: string, home: Pick<Home, 'name' | 'project'> | null = null): Shortage {
    this.advance();
    const now = this.parts.clock.now();
    const asked = home === null ? this.members : (this.byProject.get(home.project) ?? nobody);
    const what = home === null || home.name.startsWith('upload/') ? '' : ` ${home.name}`;
    if (asked.size === 0) {
      const none =
        home === null ? 'there is none yet; add one with `regrant add`' : 'none of its quota project is left';
      return { retryAfterMs: null, text: `no account can serve${what}: ${none}` };
    }
    let serving = 0;
    let cooling = 0;
    let guarded = 0;
    let first = Number.POSITIVE_INFINITY;
    for (const member of asked.values()) {
      if (!member.standing.serves) continue;
      serving++;
      const until = this.coolDowns.until(member, model);
      if (this.rotation.isProtected(member, model)) guarded++;
      else if (until > now) {
        cooling++;
        first = Math.min(first, until);
      }
    }
    const everyOneCools = cooling > 0 && cooling + guarded === serving;
    const why = reasons(asked.values(), cooling, guarded);
    if (why.length === 0) why.push(`${serving} had no access token for this request`);
    return {
      retryAfterMs: everyOneCools ? first - now : null,
      text: `no account can serve${what}: ${why.join(', ')}`,
    };
  }

  /** Sees to what the passing of time has ended. */
  advance(): void {
    const { clock } = this.parts;
    if (this.coolDowns.firstEnd !== Infinity) this.release(clock.now());
    const { first } = this.changes;
    // Looking at a clock costs as much as all the rest of a choice.
    if (first === Infinity) return;
    const monotonic = clock.monotonic();
    if (monotonic < first) return;
    const ids: string[] = [];
    for (let due = this.changes.take(monotonic); due !== null; due = this.changes.take(monotonic)) {
      if (due.item.changesAt === due.at) ids.push(due.item.id);
    }
    this.update(ids);
  }

  private release(now: number): void {
    if (this.coolDowns.firstEnd > now) return;
    for (let over = this.coolDowns.release(now); over !== null; over = this.coolDowns.release(now)) {
      this.restateCoolable(over.key);
    }
  }

  /** The account of a conversation, where it can serve this request. */
  private bound(model: string, tried: ReadonlySet<string>, conversation: string): Member | null {
    const now = this.parts.clock.monotonic();
    const id = this.sticky?.account(conversation, now) ?? null;
    const member = id === null || tried.has(id) ? undefined : this.members.get(id);
    if (member === undefined || !this.rotation.can(member, model)) return null;
    this.sticky?.bind(conversation, member.id, now);
    return member;
  }

  /** Takes in what changed for a few accounts; the rest of the pool is not looked at. */
  private update(ids: readonly string[]): void {
    if (ids.length * 4 > this.members.size || this.nextNumber > 2 * this.members.size + 1_024) {
      this.rebuild();
      return;
    }
    const now = this.parts.clock.now();
    for (const id of ids) {
      const before = this.members.get(id);
      const project = before?.quotaProject;
      const member = this.memberOf(this.parts.store.get(id), before, now);
      if (member === null) {
        if (before !== undefined) this.drop(before);
        continue;
      }
      this.members.set(id, member);
      if (project !== undefined && project !== member.quotaProject) this.byProject.get(project)?.delete(member);
      this.enlist(member);
    }
    this.tell(ids);
  }

  /** Takes in every account of the store, in its order. */
  private rebuild(): void {
    const now = this.parts.clock.now();
    const listed = this.parts.store.list();
    const members = new Map<string, MutableMember>();
    this.changes.clear();
    for (const stored of listed) {
      const member = this.memberOf(stored, this.members.get(stored.id), now);
      if (member !== null) members.set(stored.id, member);
    }
    this.members = members;
    for (const id of this.forbidden.keys()) if (!members.has(id)) this.forbidden.delete(id);
    this.byProject.clear();
    this.counted = noCounts();
    this.serving = 0;
    this.nextNumber = 0;
    this.rotation.clear(members.size);
    for (const member of members.values()) {
      member.number = -1;
      member.shown = null;
      member.counted = false;
      this.enlist(member);
    }
    this.tell(null);
  }

  /** Gives a member its place in everything that is kept ready. */
  private enlist(member: MutableMember): void {
    if (member.number < 0) member.number = this.nextNumber++;
    const ofProject = this.byProject.get(member.quotaProject);
    if (ofProject === undefined) this.byProject.set(member.quotaProject, new Set([member]));
    else ofProject.add(member);
    this.restate(member);
  }

  private drop(member: MutableMember): void {
    this.members.delete(member.id);
    this.forbidden.delete(member.id);
    this.byProject.get(member.quotaProject)?.delete(member);
    this.rotation.remove(member);
    this.uncount(member);
  }

  /** @param key - a quota project, or the id of a member */
  private restateCoolable(key: string): void {
    const ids: string[] = [];
    for (const member of this.byProject.get(key) ?? []) {
      this.restate(member);
      ids.push(member.id);
    }
    const alone = this.members.get(key);
    if (alone !== undefined && alone.quotaProject !== key) {
      this.restate(alone);
      ids.push(alone.id);
    }
    if (ids.length > 0) this.tell(ids);
  }

  private restate(member: MutableMember): void {
    this.uncount(member);
    const state = this.stateNow(member);
    member.shown = state;
    member.counted = member.standing.serves;
    this.counted[state]++;
    if (member.counted) this.serving++;
    this.rotation.put(member, member.counted);
  }

  private uncount(member: MutableMember): void {
    if (member.shown !== null) this.counted[member.shown]--;
    if (member.counted) this.serving--;
    member.shown = null;
    member.counted = false;
  }

  private stateNow(member: Member): AccountState {
    if (member.standing.state !== 'ready') return member.standing.state;
    return this.coolDowns.isAny(member) ? 'cooling' : 'ready';
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
    const untils = [member.standing.until, this.protect(member, stored.account, now)];
    const next = Math.min(...untils.map((until) => (until !== null && until > now ? until : Infinity)));
    member.changesAt = this.parts.clock.monotonic() + next - now;
    if (member.changesAt < Infinity) this.changes.add(member.changesAt, member);
    return member;
  }

  /** @returns when a reset may release a model, ms since 1970; null: none will by itself */
  private protect(member: MutableMember, account: Account | null, now: number): number | null {
    if (account === null) return null;
    const { models, until } = protectionOf(account, this.parts.quotaProtection ?? noRules, now);
    member.protectedModels = models;
    return until;
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

  private isLive(member: Member): boolean {
    return member.accessToken !== '' && member.accessDeadline - this.parts.clock.monotonic() > LEAST_LIFE_MS;
  }

  private tell(ids: readonly string[] | null): void {
    for (const listener of this.listeners) listener(ids);
  }
}

/** `2 disabled (invalid_grant)`, `1 refused (policy_enforced)` … */
function reasons(members: Iterable<Member>, cooling: number, guarded: number): string[] {
  const groups = new Map<string, { count: number; codes: Set<string> }>();
  for (const { standing } of members) {
    if (standing.serves) continue;
    const group = groups.get(standing.state) ?? { count: 0, codes: new Set() };
    group.count++;
    const code = standing.state === 'proxy_disabled' ? '' : /^[\w.-]+/.exec(standing.reason)?.[0];
    if (code !== undefined && code !== '')
      group.codes.add(standing.state === 'no_client' ? (standing.cause ?? '') : code);
    groups.set(standing.state, group);
  }
  if (cooling > 0) groups.set('cooling', { count: cooling + (groups.get('cooling')?.count ?? 0), codes: new Set() });
  if (guarded > 0) groups.set('quota_protected', { count: guarded, codes: new Set() });
  return [...groups].map(([state, { count, codes }]) => {
    const why = codes.size === 0 || state === 'unreadable' ? '' : ` (${[...codes].join(', ')})`;
    return `${count} ${state}${why}`;
  });
}

const nobody: ReadonlySet<MutableMember> = new Set();

const noCounts = (): Record<AccountState, number> => ({
  ready: 0,
  cooling: 0,
  disabled: 0,
  proxy_disabled: 0,
  refused: 0,
  blocked: 0,
  no_client: 0,
  unreadable: 0,
});

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
    protectedModels: [],
    number: -1,
    shown: null,
    counted: false,
    changesAt: Infinity,
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
