import { modelGroup } from '../subject/model-group.js';
import type { AccountRules } from '../../store/settings/account-rules.js';
import { NumberSet } from './number-set.js';
import { Tiers } from './tiers.js';
import { BoundedMap } from '../../store/ground/bounded-map.js';
import { partKey } from '../rests/rest.js';
import type { Rests } from '../rests/rests.js';
import type { Subject } from '../subject/subject.js';
import type { Settings } from '../../store/settings/settings.js';

export type Strategy = Settings['pool']['strategy'];

/** An account as far as the rotation needs it. */
export interface Contender {
  readonly id: string;
  /** Its place in the order of the accounts. */
  readonly number: number;
  readonly quotaProject: string;
  readonly inFlight: number;
  readonly rules: Pick<AccountRules, 'priority' | 'maxInFlight'>;
  /** Models, or groups of them, whose remaining quota is protected. */
  readonly protectedModels: readonly string[];
}

/** The accounts that can serve one subject, and the place of the turn among them. */
interface Lane {
  readonly subject: Subject;
  /** The name under which the model's quota is protected. */
  readonly modelGroup: string;
  cursor: number;
  /** The accounts that can serve this subject; null: all ready ones can. */
  own: NumberSet | null;
}

/** Clients can make up any number of models: past this many lanes the oldest is dropped, and begins anew when it is asked for. */
const MOST_LANES = 200;
/** The least busy of so many accounts is taken, counted from the one whose turn it is. */
const WINDOW = 16;
/** How many accounts are searched for one with a living access token before any other is taken. */
const LOOKED_AT = 1_024;

/**
 * Whose turn it is, for each model and kind of work. Every question takes a few steps, at any number of accounts: the
 * accounts that can serve are kept as a set of numbers, which is changed when an account or a rest changes and not when
 * a request comes.
 */
export class Rotation<M extends Contender> {
  private members: (M | undefined)[] = [];
  private ready = new NumberSet();
  private readonly tiers = new Tiers();
  private readonly lanes = new BoundedMap<string, Lane>(MOST_LANES);
  /** The lane that was asked for last: most requests ask for the same one, and its key need not be put together. */
  private latest: Lane | null = null;
  /** Model or group → the accounts that protect its quota. */
  private readonly protectedBy = new Map<string, NumberSet>();

  constructor(
    /** Returns the present strategy. */
    private readonly strategy: () => Strategy,
    private readonly rests: Rests,
  ) {}

  /** Forgets all accounts; the place of each turn stays. */
  clear(capacity: number): void {
    this.members = [];
    this.ready = new NumberSet(capacity);
    this.protectedBy.clear();
    this.tiers.clear();
    for (const lane of this.lanes.values()) lane.own = null;
  }

  /** Takes in an account as it is now. @param serves - whether it may be asked, unless it rests */
  put(member: M, serves: boolean): void {
    const { number } = member;
    this.members[number] = member;
    this.protect(member);
    this.tiers.put(number, member.rules.priority);
    const isReady = serves && !isFull(member) && !this.rests.isWhole(member);
    this.ready.put(number, isReady);
    for (const lane of this.lanes.values()) lane.own?.put(number, isReady && this.suits(member, lane));
  }

  remove(member: M): void {
    const { number } = member;
    this.ready.delete(number);
    for (const lane of this.lanes.values()) lane.own?.delete(number);
    for (const set of this.protectedBy.values()) set.delete(number);
    this.tiers.delete(number);
    this.members[number] = undefined;
  }

  /** Whether an account protects its quota of a model. */
  isProtected(member: Pick<M, 'protectedModels'>, model: string): boolean {
    return member.protectedModels.length > 0 && isNamed(member, model, modelGroup(model));
  }

  /** Whether an account could serve a subject at once. */
  can(member: M, subject: Subject): boolean {
    return this.readyFor(this.laneOf(subject)).has(member.number);
  }

  /** The next account for a subject, none of `tried`; the turn passes on to the one after it. */
  next(subject: Subject, tried: ReadonlySet<string>): M | null {
    const lane = this.laneOf(subject);
    const isLeastBusy = this.strategy() === 'least-busy';
    const found = this.tiers.first(this.readyFor(lane), (ready) =>
      isLeastBusy ? this.leastBusy(ready, lane.cursor, tried) : this.first(ready, lane, tried),
    );
    if (found !== null) lane.cursor = found.number + 1;
    return found;
  }

  /** The next account that `suits` in the order of the turns; null: none among those searched. The turn stays. */
  look(subject: Subject, tried: ReadonlySet<string>, suits: (member: M) => boolean): M | null {
    const lane = this.laneOf(subject);
    const wanted = (member: M): boolean => !tried.has(member.id) && suits(member);
    return this.tiers.first(this.readyFor(lane), (ready) => this.walk(ready, this.start(lane), LOOKED_AT, wanted));
  }

  /**
   * The account for a subject, none of `tried`, with the highest `worth`; of equals, the one whose turn comes first.
   * The turn stays.
   *
   * @param from - of very many accounts, those from this place on are looked at; null: from the one whose turn it is
   */
  best(
    subject: Subject,
    tried: ReadonlySet<string>,
    worth: (member: M) => number,
    from: number | null = null,
  ): M | null {
    const lane = this.laneOf(subject);
    const start = from === null ? this.start(lane) : from % Math.max(1, this.members.length);
    return this.tiers.first(this.readyFor(lane), (ready) => {
      let best: M | null = null;
      this.walk(ready, start, LOOKED_AT, (member) => {
        if (!tried.has(member.id) && (best === null || worth(member) > worth(best))) best = member;
        return false;
      });
      return best;
    });
  }

  /** Passes the turn on to the account after this one. */
  took(subject: Subject, member: M): void {
    this.laneOf(subject).cursor = member.number + 1;
  }

  private start(lane: Lane): number {
    return this.strategy() === 'fill-first' ? 0 : lane.cursor;
  }

  private first(ready: NumberSet, lane: Lane, tried: ReadonlySet<string>): M | null {
    if (tried.size > 0) return this.walk(ready, this.start(lane), tried.size + 1, ({ id }) => !tried.has(id));
    const number = ready.next(this.start(lane));
    return this.members[number < 0 ? ready.next(0) : number] ?? null;
  }

  private leastBusy(ready: NumberSet, from: number, tried: ReadonlySet<string>): M | null {
    let least: M | null = null;
    this.walk(ready, from, WINDOW + tried.size, (member) => {
      if (!tried.has(member.id) && (least === null || member.inFlight < least.inFlight)) least = member;
      return least?.inFlight === 0;
    });
    return least;
  }

  /** Goes round from a number, past at most `most` accounts, to the first that is `wanted`. */
  private walk(ready: NumberSet, from: number, most: number, wanted: (member: M) => boolean): M | null {
    let at = from;
    for (let looked = Math.min(most, ready.size); looked > 0; looked--) {
      let number = ready.next(at);
      if (number < 0) number = ready.next(0);
      const member = this.members[number];
      if (member !== undefined && wanted(member)) return member;
      at = number + 1;
    }
    return null;
  }

  private laneOf(subject: Subject): Lane {
    const { latest } = this;
    const isLatest = latest?.subject.model === subject.model && latest.subject.group === subject.group;
    return isLatest ? latest : (this.latest = this.laneByKey(subject));
  }

  private laneByKey(subject: Subject): Lane {
    const key = partKey(subject.model, subject.group);
    const known = this.lanes.get(key);
    if (known !== undefined) return known;
    const lane: Lane = { subject, modelGroup: modelGroup(subject.model), cursor: 0, own: null };
    this.lanes.set(key, lane);
    return lane;
  }

  private readyFor(lane: Lane): NumberSet {
    if (lane.own === null && this.isLimited(lane)) lane.own = this.separate(lane);
    return lane.own ?? this.ready;
  }

  private isLimited({ subject, modelGroup: group }: Lane): boolean {
    if (this.rests.isAnyFor(subject)) return true;
    return this.protectedBy.size > 0 && (this.protectedBy.has(subject.model) || this.protectedBy.has(group));
  }

  private separate(lane: Lane): NumberSet {
    const own = this.ready.copy();
    for (let number = own.next(0); number >= 0; number = own.next(number + 1)) {
      const member = this.members[number];
      if (member !== undefined && !this.suits(member, lane)) own.delete(number);
    }
    return own;
  }

  private suits(member: M, { subject, modelGroup: group }: Lane): boolean {
    if (this.rests.isFor(member, subject)) return false;
    return member.protectedModels.length === 0 || !isNamed(member, subject.model, group);
  }

  private protect({ number, protectedModels }: M): void {
    for (const [name, set] of this.protectedBy) if (!protectedModels.includes(name)) set.delete(number);
    for (const name of protectedModels) {
      let set = this.protectedBy.get(name);
      if (set === undefined) this.protectedBy.set(name, (set = new NumberSet()));
      set.add(number);
    }
  }
}

const isNamed = ({ protectedModels }: Pick<Contender, 'protectedModels'>, model: string, group: string): boolean =>
  protectedModels.includes(model) || protectedModels.includes(group);

/** Whether an account serves as many requests as it may. */
export const isFull = ({ inFlight, rules }: Pick<Contender, 'inFlight' | 'rules'>): boolean =>
  rules.maxInFlight > 0 && inFlight >= rules.maxInFlight;

/** Whether it has just as many as it may: with one less it is picked again. */
export const isAtCap = ({ rules }: Pick<Contender, 'rules'>, inFlight: number): boolean =>
  inFlight === rules.maxInFlight;
