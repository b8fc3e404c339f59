import { setImmediate as breath } from 'node:timers/promises';
import { oneAtATime } from '../../store/ground/one-at-a-time.js';
import type { Clock } from '../../store/ground/clock.js';
import type { Acting } from '../contract/snapshot.js';

export interface MassActParts {
  readonly clock: Clock;
  /** Called when the progress has changed. */
  readonly changed: () => void;
}

/** How an act on many ended. */
export interface MassActed<T> {
  readonly done: readonly T[];
  /** Why it was not done to the others that were tried, with their names. */
  readonly faults: readonly string[];
  /** How many were not tried, since it was stopped. */
  readonly left: number;
}

/** As many writes as the store makes at a time. */
const AT_ONCE = 3;
/** After so many, whatever else waits gets its turn. */
const A_TURN = 100;

/**
 * Acts on many accounts, one such act after the other: with its progress, to be stopped between two accounts. One that
 * cannot be acted on is named in the end, and does not stop the others.
 */
export class MassActs {
  /** How far the act under way is; null: there is none. */
  progress: Acting | null = null;
  private readonly inTurn = oneAtATime();
  /** Counts the stops: an act that was asked for before the last one ends. */
  private stops = 0;

  constructor(private readonly parts: MassActParts) {}

  /**
   * Does `each` to all items, a few at a time.
   *
   * @param each - resolves with null when it is done, else with why not, and to whom
   */
  async run<T>(
    what: Acting['what'],
    items: readonly T[],
    each: (item: T) => Promise<string | null>,
  ): Promise<MassActed<T>> {
    const stops = this.stops;
    const [only] = items;
    if (items.length === 1 && only !== undefined) {
      const fault = await each(only);
      return { done: fault === null ? [only] : [], faults: fault === null ? [] : [fault], left: 0 };
    }
    const { clock } = this.parts;
    let ended: MassActed<T> = { done: [], faults: [], left: items.length };
    await this.inTurn(async () => {
      this.progress = { what, done: 0, of: items.length, failed: 0, since: clock.now() };
      try {
        ended = await this.doTo(items, each, () => this.stops !== stops);
      } finally {
        this.progress = null;
        this.parts.changed();
      }
    });
    return ended;
  }

  /** Those under way end with the accounts that they are at. @returns how many accounts the act under way leaves out */
  stop(): number {
    this.stops++;
    return this.progress === null ? 0 : this.progress.of - this.progress.done - this.progress.failed;
  }

  private async doTo<T>(
    items: readonly T[],
    each: (item: T) => Promise<string | null>,
    isStopped: () => boolean,
  ): Promise<MassActed<T>> {
    const faults = new Map<number, string>();
    const tried = new Set<number>();
    const waiting = items.entries();
    const work = async (): Promise<void> => {
      while (!isStopped()) {
        const { done, value } = waiting.next();
        if (done === true) return;
        const [index, item] = value;
        tried.add(index);
        const fault = await each(item);
        if (fault !== null) faults.set(index, fault);
        this.count(fault === null ? 'done' : 'failed');
        if (tried.size % A_TURN === 0) await breath();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return {
      done: items.filter((_item, index) => tried.has(index) && !faults.has(index)),
      faults: [...faults].sort(([one], [other]) => one - other).map(([, fault]) => fault),
      left: items.length - tried.size,
    };
  }

  private count(how: 'done' | 'failed'): void {
    if (this.progress === null) return;
    this.progress = { ...this.progress, [how]: this.progress[how] + 1 };
    this.parts.changed();
  }
}
