import type { CoolDowns } from './cool-downs.js';
import { modelGroup } from './model-group.js';
import { NumberSet } from './number-set.js';
import { BoundedMap } from '../../store/ground/bounded-map.js';
import type { Settings } from '../../store/settings/settings.js';

export type Strategy = Settings['pool']['strategy'];

/** An account as far as its turn depends on it. */
export interface Contender {
  readonly id: string;
  /** Its place in the order of the accounts. */
  readonly number: number;
  readonly quotaProject: string;
  readonly inFlight: number;
  /** Models, or groups of them, whose remaining quota is kept for better times. */
  readonly protectedModels: readonly string[];
}

/** The accounts that can serve one model, and whose turn it is. */
interface Lane {
  readonly model: string;
  readonly group: string;
  cursor: number;
  /** null: all that are ready can serve this model. */
  own: NumberSet | null;
}

/** Clients can name any model: past this many all turns begin anew. */
const MOST_LANES = 200;
/** Of so many accounts, from the one whose turn it is, the least busy is taken. */
const WINDOW = 16;
/** So many accounts are looked at for one with a living access token before any is taken. */
const LOOKED_AT = 128;

/**
 * Whose turn it is, for each model. Every question costs a few steps, at any number of accounts: who can serve is kept
 * ready as a set of numbers, changed when an account or a cool-down changes and not when a request comes.
 */
export class Rotation<M extends Contender> {
  private members: (M | undefined)[] = [];
  private ready = new NumberSet();
  private readonly lanes = new BoundedMap<string, Lane>(MOST_LANES);
  /** Model or group → who keeps its quota for it. */
  private readonly protectedBy = new Map<string, NumberSet>();

  constructor(
    private readonly strategy: Strategy,
    private readonly coolDowns: CoolDowns,
  ) {}

  /** Forgets all accounts; whose turn it was stays. */
  clear(capacity: number): void {
    this.members = [];
    this.ready = new NumberSet(capacity);
    this.protectedBy.clear();
    for (const lane of this.lanes.values()) lane.own = null;
  }

  /** Takes in an account as it is now. @param serves - it may be asked, unless it cools */
  put(member: M, serves: boolean): void {
    const { number } = member;
    this.members[number] = member;
    this.protect(member);
    const isReady = serves && !this.coolDowns.isWhole(member);
    this.ready.put(number, isReady);
    for (const lane of this.lanes.values()) lane.own?.put(number, isReady && this.suits(member, lane));
  }

  remove(member: M): void {
    const { number } = member;
    this.ready.delete(number);
    for (const lane of this.lanes.values()) lane.own?.delete(number);
    for (const set of this.protectedBy.values()) set.delete(number);
    this.members[number] = undefined;
  }

  /** Whether it keeps its quota for a model. */
  isProtected(member: Pick<M, 'protectedModels'>, model: string): boolean {
    return member.protectedModels.length > 0 && isNamed(member, model, modelGroup(model));
  }

  /** Whether it could serve a model at once. */
  can(member: M, model: string): boolean {
    return this.readyFor(this.laneOf(model)).has(member.number);
  }

  /** The next account for a model, none of `tried`, and the turn passes on. */
  next(model: string, tried: ReadonlySet<string>): M | null {
    const lane = this.laneOf(model);
    const ready = this.readyFor(lane);
    const found =
      this.strategy === 'least-busy' ? this.leastBusy(ready, lane.cursor, tried) : this.first(ready, lane, tried);
    if (found !== null) lane.cursor = found.number + 1;
    return found;
  }

  /** The next account that `suits` in the order of the turns; null: none of those looked at. The turn stays. */
  look(model: string, tried: ReadonlySet<string>, suits: (member: M) => boolean): M | null {
    const lane = this.laneOf(model);
    return this.walk(
      this.readyFor(lane),
      this.start(lane),
      LOOKED_AT,
      (member) => !tried.has(member.id) && suits(member),
    );
  }

  /** The turn has been this account's. */
  took(model: string, member: M): void {
    this.laneOf(model).cursor = member.number + 1;
  }

  private start(lane: Lane): number {
    return this.strategy === 'fill-first' ? 0 : lane.cursor;
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

  /** Goes round from a number, past at most `most` accounts, to the first that is wanted. */
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

  private laneOf(model: string): Lane {
    const known = this.lanes.get(model);
    if (known !== undefined) return known;
    const lane: Lane = { model, group: modelGroup(model), cursor: 0, own: null };
    this.lanes.set(model, lane);
    return lane;
  }

  private readyFor(lane: Lane): NumberSet {
    if (lane.own === null && this.isLimited(lane)) lane.own = this.separate(lane);
    return lane.own ?? this.ready;
  }

  private isLimited({ model, group }: Lane): boolean {
    if (this.coolDowns.isCoolFor(model)) return true;
    return this.protectedBy.size > 0 && (this.protectedBy.has(model) || this.protectedBy.has(group));
  }

  private separate(lane: Lane): NumberSet {
    const own = this.ready.copy();
    for (let number = own.next(0); number >= 0; number = own.next(number + 1)) {
      const member = this.members[number];
      if (member !== undefined && !this.suits(member, lane)) own.delete(number);
    }
    return own;
  }

  private suits(member: M, { model, group }: Lane): boolean {
    if (this.coolDowns.isModel(member, model)) return false;
    return member.protectedModels.length === 0 || !isNamed(member, model, group);
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
