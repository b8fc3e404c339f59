import path from 'node:path';
import { setImmediate as breath } from 'node:timers/promises';
import { systemCode } from '../../ground/errors.js';
import type { Disk } from '../../disk/disk.js';
import { removeDurably } from '../../disk/durable.js';
import { writeDay } from '../../usage/usage-files.js';
import { dayBefore, tokensIn, type UsageLine } from '../../usage/usage-line.js';
import { DAY_FILE, namesIn, readUsage, sumUsage } from '../../usage/usage-reading.js';
import { UsageSums } from '../../usage/usage-sums.js';

/** So far back days are kept: a backup that is restored is rarely older. */
const KEPT_DAYS = 31;

/** What the database has of this box. */
export interface OwnRows {
  /** Requests and tokens of these days, both included, by day. */
  totals(since: string, until: string): Promise<ReadonlyMap<string, number>>;
  read(day: string): Promise<readonly UsageLine[]>;
  /** Tells lines as they are at least. @returns how many it lacked */
  tell(day: string, lines: readonly UsageLine[]): Promise<number>;
}

/** The days that are over, as this box counted them, in files of its own: a restored backup is told them again. */
export class EndedDays {
  constructor(
    private readonly folder: string,
    private readonly disk: Disk,
  ) {}

  /**
   * Copies the days of which the database has more, and tells it those of which it has less.
   *
   * @param keepDays - how many the database keeps
   * @returns how many lines it lacked
   */
  async compare(rows: OwnRows, now: number, keepDays: number): Promise<number> {
    const [since, until] = [dayBefore(now, Math.min(KEPT_DAYS, keepDays)), dayBefore(now, 1)];
    const theirs = await rows.totals(since, until);
    const ours = await this.totals(since, until);
    let lacked = 0;
    for (const day of new Set([...theirs.keys(), ...ours.keys()])) {
      const [has, kept] = [theirs.get(day) ?? 0, ours.get(day) ?? 0];
      if (has > kept) await this.copy(day, await rows.read(day));
      else if (has < kept) lacked += await rows.tell(day, readUsage(this.folder, day, day));
    }
    await this.dropBefore(since);
    return lacked;
  }

  private async copy(day: string, lines: readonly UsageLine[]): Promise<void> {
    try {
      await writeDay(this.folder, day, lines, this.disk);
    } catch (error) {
      // the database has it: it is copied tomorrow, or at the next start
      if (systemCode(error) === '') throw error;
    }
  }

  private async totals(since: string, until: string): Promise<ReadonlyMap<string, number>> {
    const sums = new UsageSums(['day']);
    await sumUsage(this.folder, [since, until], sums, breath);
    return new Map(sums.sums.map((sum) => [sum.day ?? '', sum.requests + tokensIn(sum)]));
  }

  private async dropBefore(oldest: string): Promise<void> {
    for (const name of namesIn(this.folder)) {
      const [, day] = DAY_FILE.exec(name) ?? [];
      if (day !== undefined && day < oldest) await removeDurably(path.join(this.folder, name), this.disk);
    }
  }
}

/** The folder of the days that a box counted under this name. */
export const endedDaysOf = (stateFolder: string, box: string): string =>
  path.join(stateFolder, 'usage-days', encodeURIComponent(box));
