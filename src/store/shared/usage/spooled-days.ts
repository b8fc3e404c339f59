import path from 'node:path';
import type { Disk } from '../../disk/disk.js';
import { removeDurably } from '../../disk/durable.js';
import type { Clock } from '../../ground/clock.js';
import { writeDay } from '../../usage/usage-files.js';
import type { UsageLine } from '../../usage/usage-line.js';
import { DAY_FILE, namesIn, readUsage } from '../../usage/usage-reading.js';

/** A day that goes on being counted is kept anew so often. */
const EVERY_MS = 20_000;

/** Days of which the database does not have everything, in files of this box: what is counted outlives the process. */
export class SpooledDays {
  /** Day → when it was kept last, monotonic ms. */
  private readonly keptAt = new Map<string, number>();

  constructor(
    private readonly folder: string,
    private readonly clock: Pick<Clock, 'monotonic'>,
    private readonly disk: Disk,
  ) {}

  /** Keeps all lines of a day, unless that was done just now. @throws the system's error */
  async keep(day: string, lines: Iterable<UsageLine>): Promise<void> {
    const now = this.clock.monotonic();
    const last = this.keptAt.get(day);
    if (last !== undefined && now - last < EVERY_MS) return;
    this.keptAt.set(day, now);
    await writeDay(this.folder, day, [...lines], this.disk);
  }

  /** The database has them. */
  async drop(day: string): Promise<void> {
    if (this.keptAt.delete(day)) await removeDurably(path.join(this.folder, `${day}.jsonl`), this.disk);
  }

  /** Tells what an earlier process left, the oldest day first. @param tell - takes the lines of a day as they were at least */
  async deliver(tell: (day: string, lines: readonly UsageLine[]) => Promise<unknown>): Promise<void> {
    for (const name of namesIn(this.folder)) {
      const [, day] = DAY_FILE.exec(name) ?? [];
      if (day === undefined) continue;
      await tell(day, readUsage(this.folder, day, day));
      this.keptAt.set(day, this.clock.monotonic());
      await this.drop(day);
    }
  }
}

/** The folder of a box's days: what was counted under another name is counted there for good. */
export const spoolOfUsage = (stateFolder: string, box: string): string =>
  path.join(stateFolder, 'usage-spool', encodeURIComponent(box));
