import type { ChangedElsewhere, StateStore } from '../../store/state/state-store.js';
import type { Clock } from '../../store/ground/clock.js';
import { restCauses } from '../answers/causes.js';
import { type Ordered, restOrdered } from './ordered.js';
import { ProjectEvidence } from './project-evidence.js';
import { type Moment, recordOf, type RestRecord, restsOf } from './rest-records.js';
import type { Rest, RestKey } from './rest.js';
import { restEndOf, isWhole } from './rest.js';
import { type Resting, Rests } from './rests.js';
import type { Subject } from '../subject/subject.js';

/** What an account was refused although it may not be about the account: it does not rest, but its row says so. */
export interface Note {
  /** Google's own words. */
  readonly words: string;
  /** ms since 1970. */
  readonly since: number;
}

/** The two clocks never drift apart by more than this without somebody setting one. */
const CLOCK_SET_MS = 2_000;

/** Which accounts of the pool rest, as answers have shown; kept over restarts. */
export class WhoRests {
  readonly rests = new Rests();
  private readonly evidence = new ProjectEvidence();
  private readonly notes = new Map<string, Note>();
  /** Each rest as it was saved, so that one that has not changed is not saved again. */
  private readonly records = new WeakMap<Rest, RestRecord>();
  /** What the wall clock was ahead of the monotonic one when these were made, ms. */
  private offset = Number.NaN;

  /** @param restsElse - called with whom another box has given, or taken, a rest */
  constructor(
    private readonly state: Pick<StateStore, 'coolDowns' | 'setCoolDowns' | 'elsewhere'>,
    private readonly clock: Pick<Clock, 'now' | 'monotonic'>,
    restsElse: (who: string) => void,
  ) {
    const at = this.moment();
    for (const rest of restsOf(state.coolDowns, at)) this.rests.restore(rest, at.monotonic);
    state.elsewhere?.onCoolDowns((changed) => {
      for (const who of this.takeIn(changed)) restsElse(who);
    });
  }

  /**
   * Sets the rest that an order demands.
   *
   * @param askedAt - see {@link Rests.set}
   * @returns the rest; null: a longer one stays
   */
  order(ordered: Ordered, askedAt: number): Rest | null {
    const now = this.clock.monotonic();
    const rest = this.rests.set(restOrdered(ordered, this.evidence, now), askedAt, now);
    if (rest !== null) this.changed();
    return rest;
  }

  /** An account has served. @returns the rests that are ended by this, which its row showed */
  served(member: Resting, subject: Subject, askedAt: number): readonly Rest[] {
    const ended = this.rests.served(member, subject, askedAt);
    if (ended.length > 0) this.changed();
    return ended;
  }

  note({ id }: Resting, words: string): void {
    this.notes.set(id, { words, since: this.notes.get(id)?.since ?? this.clock.now() });
  }

  noteOf({ id }: Resting): Note | null {
    return this.notes.get(id) ?? null;
  }

  /** @returns whether there was one */
  dropNote({ id }: Resting): boolean {
    return this.notes.size > 0 && this.notes.delete(id);
  }

  /** Ends the rests of an account and of its project. @returns what has ended */
  lift(member: Resting, which: 'all' | 'blocked'): readonly Rest[] {
    const isMeant = (rest: Rest): boolean => which === 'all' || restCauses[rest.cause].kind === 'blocked';
    const { id, quotaProject } = member;
    const lifted = [...new Set([id, quotaProject])].flatMap((who) => this.rests.lift(who, isMeant));
    this.dropNote(member);
    if (lifted.length > 0) this.changed();
    return lifted;
  }

  /** Ends the first rest whose time is over; null: there is none. */
  release(): RestKey | null {
    return this.rests.release(this.clock.monotonic());
  }

  /**
   * The most important rest of an account: one for every request before others, then the longest; null: it does not
   * rest.
   */
  foremost(member: Resting): Rest | null {
    let foremost: Rest | null = null;
    for (const rest of this.rests.of(member)) {
      if (foremost === null || weight(rest) > weight(foremost)) foremost = rest;
    }
    return foremost;
  }

  isBlocked(member: Resting): boolean {
    for (const rest of this.rests.of(member)) {
      if (isWhole(rest) && restCauses[rest.cause].kind === 'blocked') return true;
    }
    return false;
  }

  /** A monotonic time as ms since 1970. */
  wall(monotonic: number): number {
    return this.clock.now() + monotonic - this.clock.monotonic();
  }

  /** Forgets accounts that do not exist any more. */
  keepOnly(accounts: { has(id: string): boolean }): void {
    for (const id of this.notes.keys()) if (!accounts.has(id)) this.notes.delete(id);
  }

  /** Takes in what other boxes changed. @returns who rests otherwise than before */
  private takeIn({ now, gone }: ChangedElsewhere<unknown>): ReadonlySet<string> {
    const at = this.moment();
    const [begun, ended] = [restsOf(now, at), restsOf(gone, at)];
    for (const rest of ended) this.rests.end(rest);
    for (const rest of begun) this.rests.restore(rest, at.monotonic);
    return new Set([...ended, ...begun].map(({ who }) => who));
  }

  private changed(): void {
    this.state.setCoolDowns(() => {
      const at = this.moment();
      // the wall clock was set: when the rests began is another time of day now
      const isSet = !(Math.abs(at.now - at.monotonic - this.offset) < CLOCK_SET_MS);
      if (isSet) this.offset = at.now - at.monotonic;
      return [...this.rests, ...this.rests.remembered].map((rest) => this.recordOf(rest, at, isSet));
    });
  }

  private recordOf(rest: Rest, at: Moment, isAnew: boolean): RestRecord {
    const known = isAnew ? undefined : this.records.get(rest);
    if (known !== undefined) return known;
    // other boxes end it by this, so they must know the moment exactly
    const record = recordOf(rest, at, this.state.elsewhere === null ? 1 : 1_000);
    this.records.set(rest, record);
    return record;
  }

  private moment() {
    return { now: this.clock.now(), monotonic: this.clock.monotonic() };
  }
}

const weight = (rest: Rest): number => (isWhole(rest) ? 1e15 : 0) + restEndOf(rest);
