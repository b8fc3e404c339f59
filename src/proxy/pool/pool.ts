import type { AccountStore } from '../../store/accounts/account-store.js';
import { blockValidation } from '../../store/accounts/patches.js';
import { Listeners } from '../../store/ground/listeners.js';
import type { Settings } from '../../store/settings/settings.js';
import type { StateStore } from '../../store/state/state-store.js';
import type { RestOrder } from '../answers/answers-so-far.js';
import type { AccountState, Counts } from '../contract/snapshot.js';
import type { AccountChanges } from '../grants/account-changes.js';
import type { Refusal } from '../hold/own-refusal.js';
import { AskedModels } from '../rests/asked-models.js';
import type { NoneServes, PoolHealth } from '../rests/health.js';
import type { Rest } from '../rests/rest.js';
import type { Subject } from '../subject/subject.js';
import { Choice } from './choice.js';
import { isAtCap } from './rotation.js';
import type { FewAccounts, Member, MutableMember, OnlyAccount, ResourceHome, RestNews } from './member.js';
import { Membership, type MembershipParts } from './membership.js';
import { partOf, poolHealth, stateOf, type Rights, waitsFor } from './pool-health.js';
import { KnownShortages, type Shortage, shortageOf } from './shortage.js';
import { StateCounts } from './state-counts.js';
import { type Note, WhoRests } from '../rests/who-rests.js';

export interface PoolParts extends MembershipParts, Rights {
  readonly store: AccountStore;
  readonly state: StateStore;
  readonly changes: AccountChanges;
  readonly settings?: Settings['pool'];
}

/** A refusal that a member got: what follows from it, and for which subject. */
export interface Refused {
  readonly order: RestOrder;
  readonly subject: Subject;
  /** When the refused request was sent, monotonic ms. */
  readonly askedAt: number;
}

/** How long an account is not used after Google asked a human to verify it; then it is tried again. */
const VALIDATION_SECONDS = 600;

/**
 * The accounts that may serve, in rotation.
 *
 * A request's questions take a few steps, however many accounts there are: which accounts can serve is worked out when
 * an account, a rest or the time changes it. A reload changes all accounts in one go: the pool is never empty meanwhile.
 */
export class Pool {
  private readonly who: WhoRests;
  readonly asked: AskedModels;
  private readonly choice: Choice;
  readonly stateCounts = new StateCounts();
  private readonly known = new KnownShortages();
  private readonly membership: Membership;
  private readonly changed = new Listeners<[ids: readonly string[] | null]>();
  private readonly serving = new Listeners<[member: Member]>();
  private readonly rested = new Listeners<[news: RestNews]>();

  constructor(private readonly parts: PoolParts) {
    const { state, clock, changes, settings } = parts;
    this.who = new WhoRests(state, clock, (who) => this.restateWho(who));
    this.asked = new AskedModels(state.askedModels, clock.now());
    this.choice = new Choice(clock, this.who.rests, settings, state.elsewhere !== null);
    this.membership = new Membership(parts, {
      placed: (member) => this.restate(member),
      removed: (member) => {
        this.who.dropNote(member);
        this.choice.rotation.remove(member);
        this.stateCounts.uncount(member);
        this.known.clear();
      },
      cleared: (members) => {
        this.who.keepOnly(members);
        this.stateCounts.clear();
        this.known.clear();
        this.choice.rotation.clear(members.size);
      },
    });
    this.membership.rebuild();
    changes.on('pool', (ids) => this.changed.tell(this.membership.update(ids)));
  }

  /** Calls `listener` after members, standings or rests changed: with the ids, or null where it may be any. */
  onChange(listener: (ids: readonly string[] | null) => void): () => void {
    return this.changed.add(listener);
  }

  /** Calls `listener` whenever a member begins or ends to serve a request. */
  onServing(listener: (member: Member) => void): () => void {
    return this.serving.add(listener);
  }

  /** Calls `listener` whenever a member begins to rest or its rest is ended early; not when a rest runs out. */
  onRest(listener: (news: RestNews) => void): () => void {
    return this.rested.add(listener);
  }

  get(id: string): Member | undefined {
    return this.membership.members.get(id);
  }

  list(): readonly Member[] {
    return [...this.membership.members.all().values()];
  }

  get size(): number {
    return this.membership.members.size;
  }

  /** Ids of the members that share a quota project with this one, which is among them. */
  sharing({ quotaProject }: Member): readonly string[] {
    return this.membership.members.ofProject(quotaProject).map(({ id }) => id);
  }

  /** Whether requests of one conversation go to the same account, as long as it can serve them. */
  get isSticky(): boolean {
    return this.choice.isSticky;
  }

  /** `pool.waitSeconds` in ms. */
  get waitMs(): number {
    return (this.parts.settings?.waitSeconds ?? 0) * 1000;
  }

  /**
   * The next account that can serve a subject, none of `tried`; null: there is none. After a first try, accounts whose access
   * token lives go before those that would have to be refreshed.
   *
   * @param conversation - tells one conversation of a client from another; null: it is not known
   */
  pick(subject: Subject, tried: ReadonlySet<string>, conversation: string | null = null): Member | null {
    this.advance();
    return this.choice.pick(this.membership.members.all(), subject, tried, conversation);
  }

  /** An account with a living access token, whosever turn it is; else the one that served last; null: none is ready. */
  pickLiving(subject: Subject, tried: ReadonlySet<string>): Member | null {
    this.advance();
    return this.choice.living(subject, tried);
  }

  /**
   * The account of a few that can serve a subject best, none of `tried`: `wanted` before others, those with a living
   * access token before those that would have to be refreshed, idle ones before busy ones; null: none can.
   */
  pickOf(few: FewAccounts, wanted: string | null, subject: Subject, tried: ReadonlySet<string>): Member | null {
    this.advance();
    return this.choice.best(this.membership.members.few(few), wanted, subject, tried);
  }

  /** Whether another account that `suits` could serve a subject at once; of very many, not all are looked at. */
  hasOther(subject: Subject, tried: ReadonlySet<string>, suits: (member: Member) => boolean): boolean {
    return this.choice.hasOther(subject, tried, suits);
  }

  begin(member: Member): void {
    member.inFlight++;
    if (isAtCap(member, member.inFlight)) this.restateWho(member.id);
    this.serving.tell(member);
  }

  end(member: Member, outcome: 'ok' | 'error', at: number): void {
    if (isAtCap(member, member.inFlight--)) this.restateWho(member.id);
    member.requests++;
    member.lastUsed = at;
    if (outcome === 'error') member.errors++;
    this.serving.tell(member);
  }

  /** Notes what was asked for: the pool should be able to serve it. */
  wants(subject: Subject): void {
    const { clock, state } = this.parts;
    if (this.asked.note(subject, clock.now())) state.setAskedModels(() => this.asked.records(clock.now()));
  }

  /** Sets the rest that an answer demands for a member or its project. This is no verdict on the grant. */
  rest(member: Member, { order, subject, askedAt }: Refused): void {
    if (order.cause === 'validation') {
      this.blockForHuman(member, order);
      return;
    }
    const rest = this.who.order({ order, member, subject }, askedAt);
    if (rest === null) return;
    this.who.dropNote(member);
    this.restateWho(rest.who);
    this.rested.tell({ kind: 'rested', member, rest });
  }

  private blockForHuman(member: Member, { words: reason, url }: RestOrder): void {
    const until = Math.ceil(this.parts.clock.now() / 1000) + VALIDATION_SECONDS;
    // If the write fails, the store keeps the change in memory and tries again.
    this.parts.store.patch(member.id, blockValidation({ until, reason, url })).catch(() => undefined);
    this.rested.tell({ kind: 'validation', member, words: reason, url });
  }

  /** Shows on a member's row what it was forbidden, where it does not rest for that. */
  note(member: Member, words: string): void {
    this.who.note(member, words);
    this.changed.tell([member.id]);
  }

  noteOf(member: Member): Note | null {
    return this.who.noteOf(member);
  }

  /** A member has served: earlier refusals of it count no more. @param askedAt - when it was asked, monotonic ms */
  served(member: Member, subject: Subject, askedAt: number): void {
    const ended = this.who.served(member, subject, askedAt);
    for (const rest of ended) this.restateWho(rest.who);
    if (this.who.dropNote(member)) this.changed.tell([member.id]);
  }

  /** Ends the rests of an account and its project. @returns whether there were any */
  lift(accountId: string, which: 'all' | 'blocked' = 'all'): boolean {
    const member = this.membership.members.get(accountId);
    if (member === undefined) return false;
    const rests = this.who.lift(member, which);
    for (const who of new Set(rests.map((rest) => rest.who))) this.restateWho(who);
    this.changed.tell([accountId]);
    if (rests.length > 0) this.rested.tell({ kind: 'lifted', member, rests });
    return rests.length > 0;
  }

  /** The most important rest of a member, with its beginning and end in ms since 1970; null: it does not rest. */
  restOf(member: Member): { readonly rest: Rest; readonly untilMs: number; readonly sinceMs: number } | null {
    this.advance();
    const rest = this.who.foremost(member);
    if (rest === null) return null;
    const sinceMs = this.who.wall(rest.setAt);
    return { rest, sinceMs, untilMs: sinceMs + rest.seconds * 1000 };
  }

  /** The state that people see: a member that serves, but rests for everything that is asked for, is shown as cooling. */
  stateOf(member: Member): AccountState {
    this.advance();
    return stateOf(member, this.who, this.askedNow());
  }

  counts(): Counts {
    this.advance();
    const asked = this.askedNow();
    return this.stateCounts.counts((member) => stateOf(member, this.who, asked));
  }

  get unsaved(): number {
    return this.stateCounts.unsaved;
  }

  get mayWrite(): boolean {
    return this.parts.mayWrite?.() !== false;
  }

  /** How well the whole pool serves, and what no account serves; `next` in ms since 1970. */
  health(): PoolHealth {
    this.advance();
    const { who, waitMs, stateCounts: counts } = this;
    const parts = { who, waitMs, counts, rotation: this.choice.rotation, asked: this.askedNow() };
    const { status, noneServes } = poolHealth({ ...parts, now: this.parts.clock.monotonic() });
    const inWallTime = ({ model, next }: NoneServes) => ({ model, next: next === null ? null : who.wall(next) });
    return { status: status === 'ok' && !this.mayWrite ? 'degraded' : status, noneServes: noneServes.map(inWallTime) };
  }

  /** Why no account can serve a subject, and when one will. @param few - the only accounts that count; null: all */
  shortage(subject: Subject, few: Pick<ResourceHome, 'name' | 'project'> | OnlyAccount | null = null): Refusal {
    this.advance();
    const { clock } = this.parts;
    const waitOf = waitsFor(subject, this.who, clock, this.choice.rotation);
    if (few !== null) return shortageOf({ asked: this.membership.members.few(few), few, waitOf }).refusal;
    const look = (): Shortage => shortageOf({ asked: this.list(), few, waitOf });
    return this.known.of(subject, clock.monotonic(), look);
  }

  /** Deals with what the passing of time has changed. */
  advance(): void {
    const { who, membership } = this;
    const first = Math.min(who.rests.firstEnd, membership.firstChange);
    // Reading a clock takes as long as all the rest of a choice.
    if (first === Infinity) return;
    const monotonic = this.parts.clock.monotonic();
    if (monotonic < first) return;
    for (let over = who.release(); over !== null; over = who.release()) this.restateWho(over.who);
    const due = membership.due(monotonic);
    if (due.length > 0) this.changed.tell(membership.update(due));
  }

  private askedNow(): readonly Subject[] {
    return this.asked.within(this.parts.clock.now());
  }

  private restateWho(who: string): void {
    const members = this.membership.members.under(who);
    for (const member of members) this.restate(member);
    if (members.length > 0) this.changed.tell(members.map(({ id }) => id));
  }

  private restate(member: MutableMember): void {
    this.known.clear();
    this.stateCounts.count(member, partOf(member, this.who.rests.isAny(member)));
    this.choice.rotation.put(member, member.standing.serves);
  }
}
