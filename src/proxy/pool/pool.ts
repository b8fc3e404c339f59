import type { AccountStore } from '../../store/accounts/account-store.js';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import { blockValidation } from '../../store/accounts/patches.js';
import { Listeners } from '../../store/ground/listeners.js';
import type { Settings } from '../../store/settings/settings.js';
import type { StateStore } from '../../store/records/state-store.js';
import { MemberUpdate, type MemberUpdateParts } from './member-update.js';
import { StateCounts } from './state-counts.js';
import { Choice } from './choice.js';
import { CoolDowns, type CoolDown } from './cool-downs.js';
import { Deadlines } from '../rests/deadlines.js';
import { Denials, type Denial, type Forbidden } from './denials.js';
import type { AccountChanges } from '../grants/account-changes.js';
import { Members } from './members.js';
import type { Member, MutableMember } from './member.js';
import { shortageOf, type Shortage } from './shortage.js';
import type { AccountState, Counts, Health } from '../contract/snapshot.js';
import type { Home } from './member.js';

export interface PoolParts extends MemberUpdateParts {
  readonly store: AccountStore;
  readonly state: StateStore;
  readonly changes: AccountChanges;
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
  private readonly members = new Members();
  private readonly coolDowns: CoolDowns;
  private readonly choice: Choice;
  private readonly counted = new StateCounts();
  private readonly memberUpdate: MemberUpdate;
  private readonly denials: Denials;
  /** When some standing changes by itself, on the monotonic clock. */
  private readonly expiries = new Deadlines<MutableMember>();
  private readonly changed = new Listeners<[ids: readonly string[] | null]>();
  private readonly serving = new Listeners<[member: Member]>();

  constructor(private readonly parts: PoolParts) {
    const { state, clock, changes, settings } = parts;
    this.coolDowns = new CoolDowns(state.coolDowns, clock.now());
    this.choice = new Choice(clock, this.coolDowns, settings);
    this.memberUpdate = new MemberUpdate(parts);
    this.denials = new Denials(clock);
    this.rebuild();
    changes.on('pool', (ids) => this.update(ids));
  }

  /** Calls `listener` after members, standings or cool-downs changed: with the accounts, or null where it may be any. */
  onChange(listener: (ids: readonly string[] | null) => void): () => void {
    return this.changed.add(listener);
  }

  /** Calls `listener` whenever a member begins or ends to serve a request. */
  onServing(listener: (member: Member) => void): () => void {
    return this.serving.add(listener);
  }

  get(id: string): Member | undefined {
    return this.members.get(id);
  }

  list(): readonly Member[] {
    return [...this.members.all().values()];
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
    return this.choice.pick(this.members.all(), model, tried, conversation);
  }

  /**
   * The account of one quota project that can serve `model` best, none of `tried`: `wanted` before others, those with a
   * living access token before those that would have to be refreshed, idle ones before busy ones; null: there is none.
   */
  pickOf(project: string, wanted: string | null, model: string, tried: ReadonlySet<string>): Member | null {
    this.advance();
    return this.choice.best(this.members.ofProject(project), wanted, model, tried);
  }

  /** Whether another account that `suits` could serve `model` at once; of very many not all are looked at. */
  hasOther(model: string, tried: ReadonlySet<string>, suits: (member: Member) => boolean): boolean {
    return this.choice.hasOther(model, tried, suits);
  }

  begin(member: Member): void {
    member.inFlight++;
    this.serving.tell(member);
  }

  end(member: Member, outcome: 'ok' | 'error', at: number): void {
    member.inFlight--;
    member.requests++;
    member.lastUsed = at;
    if (outcome === 'error') member.errors++;
    this.serving.tell(member);
  }

  /**
   * Leaves a member alone, for one model or for all, until a time.
   *
   * @param key - the quota project that it may share with others; its own `id` where the fault is the account's alone
   */
  cool(member: Member, coolDown: CoolDown, key: string = member.quotaProject): void {
    if (this.coolDowns.add(key, coolDown)) this.coolDownsChanged(key);
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
    const rest = this.denials.forbid(member, forbidden);
    if (rest !== null) this.cool(member, rest, rest.key);
    this.changed.tell([member.id]);
  }

  /** The upstream served it: whatever it was forbidden is allowed again. */
  permit(member: Member): void {
    const forbidden = this.denials.permit(member);
    if (forbidden === null) return;
    if (forbidden.cooled !== null) this.warm(forbidden.cooled);
    this.changed.tell([member.id]);
  }

  /** A call with its new credential has just been served: nothing of what the earlier one was left alone for counts any more. */
  proven(accountId: string): void {
    const member = this.members.get(accountId);
    if (member === undefined) return;
    this.permit(member);
    this.warm(member.id);
  }

  private warm(key: string): void {
    if (this.coolDowns.end(key, null)) this.coolDownsChanged(key);
  }

  private coolDownsChanged(key: string): void {
    this.parts.state.setCoolDowns(() => this.coolDowns.records());
    this.restateUnder(key);
  }

  /** What the upstream has forbidden a member last, and since when; null: nothing. */
  forbiddenOf(member: Member): Pick<Denial, 'reason' | 'since'> | null {
    return this.denials.of(member);
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
    return this.counted.counts();
  }

  /** How well the whole pool serves. */
  health(): Health {
    this.advance();
    return this.counted.health(this.members.size);
  }

  /** Why nobody can serve `model`. @param home - only accounts that can see this were asked; null: all were */
  shortage(model: string, home: Pick<Home, 'name' | 'project'> | null = null): Shortage {
    this.advance();
    const asked = [...(home === null ? this.members.all().values() : this.members.ofProject(home.project))];
    const coolsUntil = (member: Member): number => this.coolDowns.until(member, model);
    const isGuarded = (member: Member): boolean => this.choice.rotation.isProtected(member, model);
    return shortageOf({ asked, home, coolsUntil, isGuarded }, this.parts.clock.now());
  }

  /** Sees to what the passing of time has ended. */
  advance(): void {
    const { clock } = this.parts;
    if (this.coolDowns.firstEnd !== Infinity) this.release(clock.now());
    const { first } = this.expiries;
    // Looking at a clock costs as much as all the rest of a choice.
    if (first === Infinity) return;
    const monotonic = clock.monotonic();
    if (monotonic < first) return;
    const ids: string[] = [];
    for (let due = this.expiries.take(monotonic); due !== null; due = this.expiries.take(monotonic)) {
      if (due.item.changesAt === due.at) ids.push(due.item.id);
    }
    this.update(ids);
  }

  private release(now: number): void {
    if (this.coolDowns.firstEnd > now) return;
    for (let over = this.coolDowns.release(now); over !== null; over = this.coolDowns.release(now)) {
      this.restateUnder(over.key);
    }
  }

  /** Takes in what changed for a few accounts; the rest of the pool is not looked at. */
  private update(ids: readonly string[]): void {
    if (ids.length * 4 > this.members.size || this.members.isSparse) {
      this.rebuild();
      return;
    }
    const now = this.parts.clock.now();
    for (const id of ids) {
      const before = this.members.get(id);
      const formerProject = before?.quotaProject;
      const stored = this.parts.store.get(id);
      if (stored === undefined) {
        if (before !== undefined) this.drop(before);
        continue;
      }
      const member = this.updated(stored, before, now);
      this.members.put(member, formerProject);
      this.restate(member);
    }
    this.changed.tell(ids);
  }

  /** Takes in every account of the store, in its order. */
  private rebuild(): void {
    const now = this.parts.clock.now();
    this.expiries.clear();
    const all = this.parts.store.list().map((stored) => this.updated(stored, this.members.get(stored.id), now));
    this.members.replaceAll(all);
    this.denials.keepOnly(this.members);
    this.counted.clear(all);
    this.choice.rotation.clear(this.members.size);
    for (const member of all) this.restate(member);
    this.changed.tell(null);
  }

  private updated(stored: StoredAccount, known: MutableMember | undefined, now: number): MutableMember {
    const member = this.memberUpdate.of(stored, known, now);
    if (member.changesAt < Infinity) this.expiries.add(member.changesAt, member);
    return member;
  }

  private drop(member: MutableMember): void {
    this.members.remove(member);
    this.denials.permit(member);
    this.choice.rotation.remove(member);
    this.counted.uncount(member);
  }

  /** @param key - a quota project, or the id of a member */
  private restateUnder(key: string): void {
    const members = this.members.under(key);
    for (const member of members) this.restate(member);
    if (members.length > 0) this.changed.tell(members.map(({ id }) => id));
  }

  private restate(member: MutableMember): void {
    this.counted.count(member, this.stateNow(member));
    this.choice.rotation.put(member, member.standing.serves);
  }

  private stateNow(member: Member): AccountState {
    if (member.standing.state !== 'ready') return member.standing.state;
    return this.coolDowns.isAny(member) ? 'cooling' : 'ready';
  }
}
