import { isDatabaseFault, unlessAway } from '../../database/database-errors.js';
import type { Database } from '../../database/database.js';
import type { Listening } from '../../database/listening.js';
import type { Disk } from '../../disk/disk.js';
import type { Clock } from '../../ground/clock.js';
import { byItself } from '../../ground/faults.js';
import { Listeners } from '../../ground/listeners.js';
import { oneAtATime } from '../../ground/one-at-a-time.js';
import { dayBefore, dayOf, tokensIn, type UsageLine } from '../../usage/usage-line.js';
import type { CountedDay, UsageSpan, UsageStore, UsedElsewhere } from '../../usage/usage-store.js';
import type { UsageSums } from '../../usage/usage-sums.js';
import { ForeignCounts } from './foreign-counts.js';
import type { LapsePart } from '../../database/lapses.js';
import { EndedDays, endedDaysOf } from './ended-days.js';
import { SpooledDays, spoolOfUsage } from './spooled-days.js';
import * as rows from './usage-rows.js';

export interface SharedUsageParts {
  readonly database: Pick<Database, 'rows' | 'run' | 'channel'>;
  readonly listening: Pick<Listening, 'onTold' | 'onSecond' | 'onWhole' | 'lapses'>;
  /** Name of this box. */
  readonly box: string;
  readonly clock: Clock;
  /** Folder of the data directory's state. */
  readonly stateFolder: string;
  readonly disk: Disk;
}

/**
 * What all boxes of a pool used, in its database. Each writes its own lines every second; what the others count is in
 * memory, so that no request waits for the database.
 */
export class SharedUsage implements UsageStore {
  readonly place = 'the database';
  readonly writeEveryMs = 1000;
  private foreign = new ForeignCounts('', 0);
  /** What this box had written when it began; read once. */
  private begun: { readonly day: string; readonly lines: readonly UsageLine[] } | null = null;
  private begunMonth: { readonly month: string; readonly days: ReadonlyMap<string, ByKey> } | null = null;
  /** The day that was written last, and all that it counts. */
  private written = { day: '', total: 0 };
  private readonly behind = new Listeners();
  private readonly inTurn = oneAtATime();
  /** The oldest day that is kept, as it was removed up to. */
  private tidied = '';

  private readonly spool: SpooledDays;
  private readonly ended: EndedDays;
  private keepDays: number | null = null;

  private constructor(private readonly parts: SharedUsageParts) {
    const { stateFolder, box, clock, disk } = parts;
    this.spool = new SpooledDays(spoolOfUsage(stateFolder, box), clock, disk);
    this.ended = new EndedDays(endedDaysOf(stateFolder, box), disk);
  }

  /** Nothing is known of what is written: for a command that counts nothing. */
  static unread(parts: SharedUsageParts): SharedUsage {
    return new SharedUsage(parts);
  }

  /** Reads what limits need, and follows what other boxes write. @throws {DatabaseAway | StatementFailed} */
  static async open(parts: SharedUsageParts): Promise<SharedUsage> {
    const usage = new SharedUsage(parts);
    const { listening, box } = parts;
    const lapse = listening.lapses.part('usage');
    await usage.deliver();
    await usage.readAll();
    const day = dayOf(parts.clock.now());
    usage.begun = { day, lines: await usage.readLines(day) };
    usage.begunMonth = { month: day.slice(0, 7), days: await usage.ownDays(day.slice(0, 7)) };
    listening.onTold((what, who) => {
      if (what === 'usage' && who !== box) byItself('taking in what other boxes used', usage.look());
    });
    listening.onSecond(() => usage.look());
    listening.onWhole(() => usage.compare(lapse));
    return usage;
  }

  get elsewhere(): UsedElsewhere {
    return this.foreign;
  }

  linesAtHand(day: string): readonly UsageLine[] | null {
    const { begun } = this;
    this.begun = null;
    return begun?.day === day ? begun.lines : null;
  }

  readLines(day: string): Promise<readonly UsageLine[]> {
    return rows.ownLines(this.parts.database, day, this.parts.box);
  }

  tokensAtHand(month: string, except: ReadonlySet<string>): ReadonlyMap<string, number> | null {
    const { begunMonth } = this;
    this.begunMonth = null;
    return begunMonth?.month === month ? summed(begunMonth.days, except) : null;
  }

  async readTokens(month: string, except: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    return summed(await this.ownDays(month), except);
  }

  async write(day: string, { lines, changed }: CountedDay): Promise<void> {
    const { database, box, clock } = this.parts;
    const all = [...lines];
    try {
      await rows.saveLines(database, { day, box, channel: database.channel }, changed);
    } catch (error) {
      if (isDatabaseFault(error)) await this.spool.keep(day, all);
      throw error;
    }
    this.written = { day, total: totalOf(all) };
    if (day < dayOf(clock.now())) this.tidied = '';
    await this.spool.drop(day);
  }

  /** Tells the database what an earlier process of this box counted while it was away; once, however often it comes. */
  private async deliver(): Promise<void> {
    await this.spool.deliver((day, lines) => this.tell(day, lines));
  }

  private tell(day: string, lines: readonly UsageLine[]): Promise<number> {
    const { database, box } = this.parts;
    return rows.saveLines(database, { day, box, channel: database.channel }, lines, 'at least');
  }

  sum(span: UsageSpan, sums: UsageSums): Promise<void> {
    return rows.sumLines(this.parts.database, span, this.parts.box, sums);
  }

  async tidy(now: number, keepDays: number): Promise<void> {
    const oldest = dayBefore(now, keepDays);
    if (oldest === this.tidied) return;
    await rows.dropBefore(this.parts.database, oldest);
    this.keepDays = keepDays;
    await this.compareEnded(keepDays);
    this.tidied = oldest;
  }

  /** @returns how many lines of days that are over the database lacked */
  private compareEnded(keepDays: number): Promise<number> {
    const { database, box, clock } = this.parts;
    const own = {
      totals: (since: string, until: string) => rows.totalsOf(database, { since, until, box }),
      read: (day: string) => this.readLines(day),
      tell: (day: string, lines: readonly UsageLine[]) => this.tell(day, lines),
    };
    return this.inTurn(() => this.ended.compare(own, clock.now(), keepDays));
  }

  onBehind(listener: () => void): () => void {
    return this.behind.add(listener);
  }

  /** A database that was restored from a backup, or promoted, may lack what was written. */
  private async compare(lapse: LapsePart): Promise<void> {
    await this.inTurn(() => this.readAll());
    if (lapse.isDue && this.keepDays !== null) lapse.mended(await this.compareEnded(this.keepDays));
    const { day, total } = this.written;
    if (day !== '' && totalOf(await this.readLines(day)) < total) this.behind.tell();
  }

  private async ownDays(month: string): Promise<ReadonlyMap<string, ByKey>> {
    const days = new Map<string, ByKey>();
    for (const day of rows.daysOfMonth(month, dayOf(this.parts.clock.now()))) {
      days.set(day, await rows.countsOf(this.parts.database, day, { box: this.parts.box, of: 'itself' }));
    }
    return days;
  }

  /** Takes in what other boxes have written since the last look; one look after the other. */
  private look(): Promise<void> {
    return unlessAway(this.inTurn(() => this.lookNow()));
  }

  private async lookNow(): Promise<void> {
    const { database, box } = this.parts;
    const { foreign } = this;
    const late = new Set<string>();
    for (const line of await rows.foreignAfter(database, foreign.lastAt, box)) {
      if (line.day >= foreign.linesFrom) foreign.take(line);
      else late.add(line.day);
    }
    for (const day of late) foreign.takeDay(day, await rows.countsOf(database, day, { box, of: 'others' }));
  }

  /** Reads anew what all other boxes counted this month. */
  private async readAll(): Promise<void> {
    const { database, box, clock } = this.parts;
    const today = dayOf(clock.now());
    const foreign = new ForeignCounts(today, await rows.databaseNow(database));
    for (const day of rows.daysOfMonth(today.slice(0, 7), dayBefore(clock.now(), 1)))
      foreign.takeDay(day, await rows.countsOf(database, day, { box, of: 'others' }));
    for (const line of await rows.foreignSince(database, today, box)) foreign.take(line);
    this.foreign = foreign;
  }
}

function totalOf(lines: Iterable<UsageLine>): number {
  let total = 0;
  for (const line of lines) total += line.requests + tokensIn(line);
  return total;
}

type ByKey = readonly rows.CountsOfKey[];

function summed(days: ReadonlyMap<string, ByKey>, except: ReadonlySet<string>): ReadonlyMap<string, number> {
  const tokens = new Map<string, number>();
  for (const [day, counts] of days) {
    if (except.has(day)) continue;
    for (const { key, tokens: more } of counts) tokens.set(key, (tokens.get(key) ?? 0) + more);
  }
  return tokens;
}
