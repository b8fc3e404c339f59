import type { AccountStore } from '../../store/accounts/account-store.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import { blockValidation } from '../../store/accounts/patches.js';
import type { Settings } from '../../store/settings/settings.js';
import type { StateStore } from '../../store/records/state-store.js';
import { Appraisal, type AppraisalParts } from './member-update.js';
import { Census } from './state-counts.js';
import { Choice } from './choice.js';
import { CoolDowns, type CoolDown } from './cool-downs.js';
import { Deadlines } from '../rests/deadlines.js';
import type { Forbidden } from './denials.js';
import { type Forbiddance, Forbidding } from './denials.js';
import type { Refresher } from '../grants/refresh.js';
import type { Member, MutableMember } from './member.js';
import { shortageOf, type Shortage } from './shortage.js';
import type { AccountState, Counts, Health } from '../contract/snapshot.js';
import type { Home } from './member.js';

export interface PoolParts extends AppraisalParts {
  readonly store: AccountStore;
  readonly state: StateStore;
  readonly refresher: Refresher;
  readonly settings?: Settings['pool'];
}

/** A human has to verify the account: it is asked again after this, in case it happened. */
const VALIDATION_SECONDS = 600;

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
  private readonly choice: Choice;
  private readonly census = new Census();
  private readonly appraisal: Appraisal;
  private readonly forbidding: Forbidding;
  /** When some standing changes by itself, on the monotonic clock. */
  private readonly changes = new Deadlines<MutableMember>();
  private nextNumber = 0;
  private readonly listeners = new Set<(ids: readonly string[] | null) => void>();
  private readonly servingListeners = new Set<(member: Member) => void>();

  constructor(private readonly parts: PoolParts) {
    const { state, clock, store, refresher, settings } = parts;
    this.coolDowns = new CoolDowns(state.coolDowns, clock.now());
    this.choice = new Choice(clock, this.coolDowns, settings);
    this.appraisal = new Appraisal(parts);
    this.forbidding = new Forbidding(clock);
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
    return this.choice.isSticky;
  }

  /**
   * The next account that can serve `model` (empty: the request names none), none of `tried`; null: there is none.
   * After a first try, accounts whose access token lives go before those that would have to be refreshed.
   *
   * @param conversation - tells one conversation of a client from another; null: it is not known
   */
  pick(model: string, tried: ReadonlySet<string>, conversation: string | null = null): Member | null {
    this.advance();
    return this.choice.pick(this.members, model, tried, conversation);
  }

  /**
   * The account of one quota project that can serve `model` best, none of `tried`: `wanted` before others, those with a
   * living access token before those that would have to be refreshed, idle ones before busy ones; null: there is none.
   */
  pickOf(project: string, wanted: string | null, model: string, tried: ReadonlySet<string>): Member | null {
    this.advance();
    return this.choice.best(this.byProject.get(project) ?? [], wanted, model, tried);
  }

  /** Whether another account that `suits` could serve `model` at once; of very many not all are looked at. */
  hasOther(model: string, tried: ReadonlySet<string>, suits: (member: Member) => boolean): boolean {
    return this.choice.hasOther(model, tried, suits);
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
  forbid(member: Member, forbidden: Forbidden): void {
    if (forbidden.kind === 'validation') {
      const until = Math.ceil(this.parts.clock.now() / 1000) + VALIDATION_SECONDS;
      const { reason, url } = forbidden;
      // A write that fails holds in memory and is tried again by the store.
      this.parts.store.patch(member.id, blockValidation({ until, reason, url })).catch(() => undefined);
      return;
    }
    const rest = this.forbidding.forbid(member, forbidden);
    if (rest !== null) this.cool(member, rest, rest.key);
    this.tell([member.id]);
  }

  /** The upstream served it: whatever it was forbidden is allowed again. */
  permit(member: Member): void {
    const forbidden = this.forbidding.permit(member);
    if (forbidden === null) return;
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

  /** What the upstream has forbidden a member last, and since when; null: nothing. */
  forbiddenOf(member: Member): Pick<Forbiddance, 'reason' | 'since'> | null {
    return this.forbidding.of(member);
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
    return this.census.counts();
  }

  /** How well the whole pool serves. */
  health(): Health {
    this.advance();
    return this.census.health(this.members.size);
  }

  /** Why nobody can serve `model`. @param home - only accounts that can see this were asked; null: all were */
  shortage(model: string, home: Pick<Home, 'name' | 'project'> | null = null): Shortage {
    this.advance();
    const asked = [...(home === null ? this.members.values() : (this.byProject.get(home.project) ?? []))];
    const coolsUntil = (member: Member): number => this.coolDowns.until(member, model);
    const isGuarded = (member: Member): boolean => this.choice.rotation.isProtected(member, model);
    return shortageOf({ asked, home, coolsUntil, isGuarded }, this.parts.clock.now());
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
      const stored = this.parts.store.get(id);
      if (stored === undefined) {
        if (before !== undefined) this.drop(before);
        continue;
      }
      const member = this.appraised(stored, before, now);
      this.members.set(id, member);
      if (project !== undefined && project !== member.quotaProject) this.byProject.get(project)?.delete(member);
      this.enlist(member);
    }
    this.tell(ids);
  }

  /** Takes in every account of the store, in its order. */
  private rebuild(): void {
    const now = this.parts.clock.now();
    const members = new Map<string, MutableMember>();
    this.changes.clear();
    for (const stored of this.parts.store.list()) {
      members.set(stored.id, this.appraised(stored, this.members.get(stored.id), now));
    }
    this.members = members;
    this.forbidding.keepOnly(members);
    this.byProject.clear();
    this.census.clear();
    this.nextNumber = 0;
    this.choice.rotation.clear(members.size);
    for (const member of members.values()) {
      member.number = -1;
      member.shown = null;
      member.counted = false;
      this.enlist(member);
    }
    this.tell(null);
  }

  private appraised(stored: StoredAccount, known: MutableMember | undefined, now: number): MutableMember {
    const member = this.appraisal.of(stored, known, now);
    if (member.changesAt < Infinity) this.changes.add(member.changesAt, member);
    return member;
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
    this.forbidding.permit(member);
    this.byProject.get(member.quotaProject)?.delete(member);
    this.choice.rotation.remove(member);
    this.census.uncount(member);
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
    this.census.count(member, this.stateNow(member));
    this.choice.rotation.put(member, member.standing.serves);
  }

  private stateNow(member: Member): AccountState {
    if (member.standing.state !== 'ready') return member.standing.state;
    return this.coolDowns.isAny(member) ? 'cooling' : 'ready';
  }

  private tell(ids: readonly string[] | null): void {
    for (const listener of this.listeners) listener(ids);
  }
}
