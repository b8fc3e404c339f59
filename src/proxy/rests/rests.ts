import type { RestCause } from '../answers/causes.js';
import { LONGEST_MS } from '../answers/durations.js';
import { Deadlines } from './deadlines.js';
import { restEndOf, isWhole, partKey, type Rest, type RestKey, touches, unsaidSeconds } from './rest.js';
import type { Subject } from '../subject/subject.js';

/** An account as far as rests need it. */
export interface Resting {
  readonly id: string;
  /** The quota project; the account's own id where no project is known. */
  readonly quotaProject: string;
}

/** A rest to be set: its length is what the answer said, else that of its cause, doubled. */
export interface NewRest extends RestKey {
  readonly about: Rest['about'];
  readonly cause: RestCause;
  readonly words: string;
  /** What the answer said; null: nothing. */
  readonly seconds: number | null;
}

/**
 * The most rests of one account or project, since a client can make up any number of models: the one that ends first is
 * forgotten.
 */
const MOST_PARTS = 64;
/**
 * The most rests of all accounts and projects together. Beyond them, an account that has several forgets one for each
 * new one.
 */
const MOST_TOGETHER = 16_384;
/** So many outdated ends, of rests that were ended early or forgotten, may wait for their time. */
const MOST_STALE = 1_024;
/** How long a rest is remembered after its end, so that the next one of its kind is longer. */
const REMEMBERED_MS = 86_400_000;
/** The most rests that are remembered after their end, of all accounts together. */
const MOST_REMEMBERED = 4_096;

/**
 * Which accounts and projects rest, for what and until when. Times are monotonic ms. Each rest is ended by {@link
 * release}, never by itself, and is remembered beyond its end: the next one without a success in between is twice as
 * long.
 */
export class Rests {
  private readonly byWho = new Map<string, Map<string, Rest>>();
  /** Rests that have ended, in the order in which they ended. */
  private readonly over = new Map<string, Rest>();
  /** Model and group → how many rests there are for them. */
  private readonly byPart = new Map<string, number>();
  private readonly ends = new Deadlines<RestKey>();
  private count = 0;

  /** When the next rest may end; Infinity: there is none. */
  get firstEnd(): number {
    return this.ends.first;
  }

  get isEmpty(): boolean {
    return this.byWho.size === 0 && this.over.size === 0;
  }

  /**
   * Sets a rest.
   *
   * @param askedAt - when the request with that answer was sent: if it was under way already when the last rest was set,
   *   its answer says nothing new, and doubles nothing
   * @returns the rest that counts now; null: a longer one of the same key stays
   */
  set(rest: NewRest, askedAt: number, now: number): Rest | null {
    const before = this.live(rest) ?? this.over.get(keyOf(rest)) ?? null;
    const step = stepAfter(before, rest, askedAt);
    const seconds = rest.seconds ?? unsaidSeconds(rest.cause, step);
    const set = { ...pick(rest), step, isSaid: rest.seconds !== null, setAt: now, seconds };
    const bounded = { ...set, seconds: Math.min(set.seconds, LONGEST_MS / 1000) };
    return this.put(bounded) ? bounded : null;
  }

  /** Takes in a rest of an earlier run, or of another box. */
  restore(rest: Rest, now: number): void {
    if (restEndOf(rest) > now) this.put(rest);
    else this.remember(rest);
  }

  /** Ends the first rest whose time is over; null: there is none. */
  release(now: number): RestKey | null {
    for (let due = this.ends.take(now); due !== null; due = this.ends.take(now)) {
      const rest = this.live(due.item);
      // A later end has been set meanwhile, or the rest was ended early.
      if (rest === null || restEndOf(rest) !== due.at) continue;
      this.drop(rest);
      this.remember(rest);
      return due.item;
    }
    return null;
  }

  /**
   * Ends the rests of one account or project early, and forgets how often they were doubled.
   *
   * @returns what has ended
   */
  lift(who: string, isMeant: (rest: Rest) => boolean = () => true): readonly Rest[] {
    const lifted = [...(this.byWho.get(who)?.values() ?? [])].filter(isMeant);
    for (const rest of lifted) this.drop(rest);
    for (const [key, rest] of this.over) if (rest.who === who && isMeant(rest)) this.over.delete(key);
    return lifted;
  }

  /** Ends one rest early, and forgets how often it was doubled. */
  end(key: RestKey): void {
    const rest = this.live(key);
    if (rest !== null) this.drop(rest);
    this.over.delete(keyOf(key));
  }

  /**
   * An account has served: for what it served, doubling begins anew.
   *
   * @param askedAt - as in {@link set}; a rest that was set later stays
   * @returns the rests that are ended by this
   */
  served({ id, quotaProject }: Resting, subject: Subject, askedAt: number): readonly Rest[] {
    if (this.isEmpty) return [];
    const ended: Rest[] = [];
    for (const who of id === quotaProject ? [id] : [id, quotaProject]) {
      if (this.over.size > 0) for (const part of [WHOLE, ...ownParts(subject)]) this.over.delete(`${who}\n${part}`);
      for (const rest of this.byWho.get(who)?.values() ?? []) {
        if (rest.setAt <= askedAt && touches(rest, subject)) ended.push(rest);
      }
    }
    for (const rest of ended) this.drop(rest);
    return ended;
  }

  /** Whether an account rests for every request. */
  isWhole({ id, quotaProject }: Resting): boolean {
    return this.hasPart(id, WHOLE) || (id !== quotaProject && this.hasPart(quotaProject, WHOLE));
  }

  /** Whether any account rests for this subject, without resting for every request. */
  isAnyFor(subject: Subject): boolean {
    return this.byPart.size > 0 && ownParts(subject).some((part) => this.byPart.has(part));
  }

  /** Whether this account rests for a subject, without resting for every request. */
  isFor({ id, quotaProject }: Resting, subject: Subject): boolean {
    if (!this.byWho.has(id) && !this.byWho.has(quotaProject)) return false;
    return ownParts(subject).some((part) => this.hasPart(id, part) || this.hasPart(quotaProject, part));
  }

  /** Whether an account rests for anything. */
  isAny({ id, quotaProject }: Resting): boolean {
    return this.byWho.has(id) || this.byWho.has(quotaProject);
  }

  /** Until when an account cannot serve a subject; 0: it can serve now. */
  until(account: Resting, subject: Subject): number {
    let until = 0;
    for (const rest of this.of(account)) if (touches(rest, subject)) until = Math.max(until, restEndOf(rest));
    return until;
  }

  /** The rests of an account and of its project. */
  *of({ id, quotaProject }: Resting): Generator<Rest> {
    for (const who of id === quotaProject ? [id] : [id, quotaProject]) yield* this.byWho.get(who)?.values() ?? [];
  }

  /** All rests that have not ended. */
  *[Symbol.iterator](): Generator<Rest> {
    for (const ofWho of this.byWho.values()) yield* ofWho.values();
  }

  /** The rests that have ended and are remembered. */
  get remembered(): Iterable<Rest> {
    return this.over.values();
  }

  private live({ who, model, group }: RestKey): Rest | null {
    return this.byWho.get(who)?.get(partKey(model, group)) ?? null;
  }

  private endOf(key: RestKey): number | null {
    const rest = this.live(key);
    return rest === null ? null : restEndOf(rest);
  }

  private hasPart(who: string, part: string): boolean {
    return this.byWho.get(who)?.has(part) === true;
  }

  private put(rest: Rest): boolean {
    let ofWho = this.byWho.get(rest.who);
    if (ofWho === undefined) this.byWho.set(rest.who, (ofWho = new Map<string, Rest>()));
    const part = partKey(rest.model, rest.group);
    const before = ofWho.get(part);
    if (before !== undefined && restEndOf(before) >= restEndOf(rest)) return false;
    if (before === undefined) {
      this.count += 1;
      this.byPart.set(part, (this.byPart.get(part) ?? 0) + 1);
    }
    ofWho.set(part, rest);
    this.over.delete(keyOf(rest));
    this.ends.add(restEndOf(rest), { who: rest.who, model: rest.model, group: rest.group });
    if (ofWho.size > MOST_PARTS || (this.count > MOST_TOGETHER && ofWho.size > 1)) this.forgetOne(ofWho, rest);
    if (this.ends.size > 2 * this.count + MOST_STALE) this.ends.keep((key, at) => this.endOf(key) === at);
    return true;
  }

  /** Forgets the rest that ends first: if that is a mistake it costs only one try. */
  private forgetOne(ofWho: ReadonlyMap<string, Rest>, latest: Rest): void {
    let first: Rest | null = null;
    for (const rest of ofWho.values()) {
      if (rest === latest || isWhole(rest)) continue;
      if (first === null || restEndOf(rest) < restEndOf(first)) first = rest;
    }
    if (first !== null) this.drop(first);
  }

  private drop(rest: Rest): void {
    const part = partKey(rest.model, rest.group);
    const ofWho = this.byWho.get(rest.who);
    if (ofWho?.delete(part) !== true) return;
    this.count -= 1;
    if (ofWho.size === 0) this.byWho.delete(rest.who);
    const left = (this.byPart.get(part) ?? 0) - 1;
    if (left > 0) this.byPart.set(part, left);
    else this.byPart.delete(part);
  }

  private remember(rest: Rest): void {
    const key = keyOf(rest);
    this.over.delete(key);
    this.over.set(key, rest);
    if (this.over.size > MOST_REMEMBERED) for (const first of this.over.keys()) return void this.over.delete(first);
  }
}

const WHOLE = partKey('', '');
const keyOf = ({ who, model, group }: RestKey): string => `${who}\n${partKey(model, group)}`;

/** The keys of rests that may keep away a request of this subject, besides a rest for every request. */
const ownParts = ({ model, group }: Subject): readonly string[] =>
  model === '' ? [partKey(model, group)] : [partKey(model, ''), partKey(model, group)];

/** How many rests of unsaid length came before without a success in between: one whose length was said doubles nothing. */
function stepAfter(before: Rest | null, { cause }: NewRest, askedAt: number): number {
  if (before?.cause !== cause || askedAt - restEndOf(before) > REMEMBERED_MS) return 0;
  return before.isSaid || askedAt < before.setAt ? before.step : before.step + 1;
}

const pick = ({ who, model, group, about, cause, words }: NewRest): Omit<NewRest, 'seconds'> => ({
  ...{ who, model, group, about, cause, words },
});
