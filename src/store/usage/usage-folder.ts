import type { Disk } from '../disk/disk.js';
import { tidyUsage, writeDay } from './usage-files.js';
import { tokensIn, type UsageLine } from './usage-line.js';
import { readUsage, sumUsage } from './usage-reading.js';
import type { CountedDay, UsageSpan, UsageStore } from './usage-store.js';
import type { UsageSums } from './usage-sums.js';

/** The files of `usage/`: a box's own, which nobody else counts in. */
export class UsageFolder implements UsageStore {
  readonly writeEveryMs = 60_000;
  readonly elsewhere = null;

  /** @param place - path of `usage/` */
  constructor(
    readonly place: string,
    private readonly disk?: Disk,
  ) {}

  linesAtHand(day: string): readonly UsageLine[] {
    return readUsage(this.place, day, day);
  }

  readLines(day: string): Promise<readonly UsageLine[]> {
    return new Promise((resolve) => resolve(this.linesAtHand(day)));
  }

  tokensAtHand(month: string, except: ReadonlySet<string>): ReadonlyMap<string, number> {
    const tokens = new Map<string, number>();
    for (const line of readUsage(this.place, `${month}-01`, `${month}-31`)) {
      if (!except.has(line.day)) tokens.set(line.key, (tokens.get(line.key) ?? 0) + tokensIn(line));
    }
    return tokens;
  }

  readTokens(month: string, except: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    return new Promise((resolve) => resolve(this.tokensAtHand(month, except)));
  }

  write(day: string, { lines }: CountedDay): Promise<void> {
    return writeDay(this.place, day, [...lines], this.disk);
  }

  sum({ since, until, except }: UsageSpan, sums: UsageSums, breath: () => Promise<unknown>): Promise<void> {
    return sumUsage(this.place, [since, until], sums, breath, (day) => !except.has(day));
  }

  tidy(now: number, keepDays: number): Promise<void> {
    return tidyUsage(this.place, now, keepDays, this.disk);
  }

  onBehind(): () => void {
    return () => undefined;
  }
}
