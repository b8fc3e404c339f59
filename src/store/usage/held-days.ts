import { type CountedLine, idOf } from './counted-line.js';
import { usageSum, type UsageLine } from './usage-line.js';
import type { UsageStore } from './usage-store.js';

/** A day that is still counted, or not written yet. */
export interface HeldDay {
  /** By all names. */
  readonly lines: Map<string, CountedLine>;
  /** Those that are not written yet as they are. */
  readonly changed: Set<CountedLine>;
}

/** The days that memory counts, until each is over and written. */
export class HeldDays {
  private readonly days = new Map<string, HeldDay>();

  has(day: string): boolean {
    return this.days.has(day);
  }

  get names(): ReadonlySet<string> {
    return new Set(this.days.keys());
  }

  /** The lines of the days whose names begin like this. */
  *lines(beginning: string): Iterable<CountedLine> {
    for (const [day, { lines }] of this.days) if (day.startsWith(beginning)) yield* lines.values();
  }

  of(day: string): HeldDay {
    let held = this.days.get(day);
    if (held === undefined) this.days.set(day, (held = { lines: new Map(), changed: new Set() }));
    return held;
  }

  /** Adds what is written of a day to what is counted of it. */
  add(day: string, written: readonly UsageLine[]): void {
    const { lines } = this.of(day);
    for (const line of written) {
      const counted = lines.get(idOf(line));
      if (counted === undefined) lines.set(idOf(line), { ...line });
      else Object.assign(counted, usageSum(counted, line));
    }
  }

  /** Has all of it written, whether or not it was before. @param beginning - of the days' names */
  rewrite(beginning = ''): void {
    for (const [day, { lines, changed }] of this.days) {
      if (day.startsWith(beginning)) for (const line of lines.values()) changed.add(line);
    }
  }

  /** Writes what is not written yet, but for some days. @throws what is not written stays to be written */
  async write(store: Pick<UsageStore, 'write'>, except: ReadonlySet<string>): Promise<void> {
    for (const [day, { lines, changed }] of [...this.days]) {
      if (changed.size === 0 || except.has(day)) continue;
      const these = [...changed];
      changed.clear();
      await store.write(day, { lines: lines.values(), changed: these }).catch((error: unknown) => {
        for (const line of these) changed.add(line);
        throw error;
      });
    }
  }

  /** Lets go of days that are written, but for these. */
  drop(except: (day: string) => boolean): void {
    for (const [day, { changed }] of this.days) if (changed.size === 0 && !except(day)) this.days.delete(day);
  }
}
