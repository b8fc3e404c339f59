import type { RestCause } from '../answers/causes.js';
import { LONGEST_MS } from '../answers/durations.js';
import { Deadlines } from './deadlines.js';
import { restEndOf, isWhole, partKey, type Rest, type RestKey, touches, unsaidSeconds } from './rest.js';
import type { Subject } from '../subject/subject.js';

/** An account as far as rests know it. */
export interface Resting {
  readonly id: string;
  /** Its own id where no project is known. */
  readonly quotaProject: string;
}

/** What is set: the length is what was said, else the cause's own, doubled. */
export interface NewRest extends RestKey {
  readonly about: Rest['about'];
  readonly cause: RestCause;
  readonly words: string;
  /** null: nothing was said. */
  readonly seconds: number | null;
}

/** A model can have any name that a client thinks of: of one account or project so many are known, those that end first forgotten. */
const MOST_PARTS = 64;
/** One that is over is remembered, so that the next one of its kind is longer; without another for so long it begins anew. */
const REMEMBERED_MS = 86_400_000;
/** Of everybody together. */
const MOST_REMEMBERED = 4_096;

/**
 * Who is left alone, for what and until when. Times are monotonic ms. Each ends by {@link release}, never by itself, and its
 * step is remembered beyond: the next without a success in between is twice as long.
 */
export class Rests {
  private readonly byWho = new Map<string, Map<string, Rest>>();
  /** Those that are over, in the order in which they ended. */
  private readonly over = new Map<string, Rest>();
  /** Subject → how many rest for it. */
  private readonly byPart = new Map<string, number>();
  private readonly ends = new Deadlines<RestKey>();

  /** When the next may end; Infinity: nobody rests. */
  get firstEnd(): number {
    return this.ends.first;
  }

  get isEmpty(): boolean {
    return this.byWho.size === 0 && this.over.size === 0;
  }

  /**
   * Leaves somebody alone.
   *
   * @param askedAt - when the request was sent that was answered so: one that was under way already when the last rest
   *   was set says nothing new, and doubles nothing
   * @returns the rest that counts now; null: a longer one of the same key stays
   */
  set(rest: NewRest, askedAt: number, now: number): Rest | null {
    const before = this.live(rest) ?? this.over.get(keyOf(rest)) ?? null;
    const step = stepAfter(before, rest, askedAt);
    const set = { ...pick(rest), step, setAt: now, seconds: rest.seconds ?? unsaidSeconds(rest.cause, step) };
    const bounded = { ...set, seconds: Math.min(set.seconds, LONGEST_MS / 1000) };
    return this.put(bounded) ? bounded : null;
  }

  /** Takes in one of an earlier time. */
  restore(rest: Rest, now: number): void {
    if (restEndOf(rest) > now) this.put(rest);
    else this.remember(rest);
  }

  /** Ends the first that is over; null: none is. */
  release(now: number): RestKey | null {
    for (let due = this.ends.take(now); due !== null; due = this.ends.take(now)) {
      const rest = this.live(due.item);
      // A later end has been set meanwhile, or it was lifted before its time.
      if (rest === null || restEndOf(rest) !== due.at) continue;
      this.drop(rest);
      this.remember(rest);
      return due.item;
    }
    return null;
  }

  /** Ends all of somebody, and begins every doubling anew. @returns what has ended */
  lift(who: string, isMeant: (rest: Rest) => boolean = () => true): readonly Rest[] {
    const lifted = [...(this.byWho.get(who)?.values() ?? [])].filter(isMeant);
    for (const rest of lifted) this.drop(rest);
    for (const [key, rest] of this.over) if (rest.who === who && isMeant(rest)) this.over.delete(key);
    return lifted;
  }

  /**
   * An account has served: every doubling of what it served begins anew.
   *
   * @param askedAt - as in {@link set}; what was set later stays
   * @returns rests that this has shown to be over
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

  /** Whether an account is left alone altogether. */
  isWhole({ id, quotaProject }: Resting): boolean {
    return this.hasPart(id, WHOLE) || (id !== quotaProject && this.hasPart(quotaProject, WHOLE));
  }

  /** Whether somebody rests for a subject, and not altogether. */
  isAnyFor(subject: Subject): boolean {
    return this.byPart.size > 0 && ownParts(subject).some((part) => this.byPart.has(part));
  }

  /** Whether an account rests for a subject, and not altogether. */
  isFor({ id, quotaProject }: Resting, subject: Subject): boolean {
    if (!this.byWho.has(id) && !this.byWho.has(quotaProject)) return false;
    return ownParts(subject).some((part) => this.hasPart(id, part) || this.hasPart(quotaProject, part));
  }

  /** Whether anything of an account rests. */
  isAny({ id, quotaProject }: Resting): boolean {
    return this.byWho.has(id) || this.byWho.has(quotaProject);
  }

  /** Until when an account cannot serve a subject; 0: it can. */
  until(account: Resting, subject: Subject): number {
    let until = 0;
    for (const rest of this.of(account)) if (touches(rest, subject)) until = Math.max(until, restEndOf(rest));
    return until;
  }

  /** Those of an account and of its project. */
  *of({ id, quotaProject }: Resting): Generator<Rest> {
    for (const who of id === quotaProject ? [id] : [id, quotaProject]) yield* this.byWho.get(who)?.values() ?? [];
  }

  /** All that run. */
  *[Symbol.iterator](): Generator<Rest> {
    for (const ofWho of this.byWho.values()) yield* ofWho.values();
  }

  /** Those that are over and not forgotten. */
  get remembered(): Iterable<Rest> {
    return this.over.values();
  }

  private live({ who, model, group }: RestKey): Rest | null {
    return this.byWho.get(who)?.get(partKey(model, group)) ?? null;
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
    if (before === undefined) this.byPart.set(part, (this.byPart.get(part) ?? 0) + 1);
    ofWho.set(part, rest);
    this.over.delete(keyOf(rest));
    this.ends.add(restEndOf(rest), { who: rest.who, model: rest.model, group: rest.group });
    if (ofWho.size > MOST_PARTS) this.forgetOne(ofWho, rest);
    return true;
  }

  /** The one that ends first costs least: a try. */
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

/** What a request of a subject may be kept away by, besides what keeps all away. */
const ownParts = ({ model, group }: Subject): readonly string[] =>
  model === '' ? [partKey(model, group)] : [partKey(model, ''), partKey(model, group)];

function stepAfter(before: Rest | null, { cause }: NewRest, askedAt: number): number {
  if (before?.cause !== cause || askedAt - restEndOf(before) > REMEMBERED_MS) return 0;
  return askedAt < before.setAt ? before.step : before.step + 1;
}

const pick = ({ who, model, group, about, cause, words }: NewRest): Omit<NewRest, 'seconds'> => ({
  ...{ who, model, group, about, cause, words },
});
