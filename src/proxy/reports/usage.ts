import type { AccessRecord, TokensUsed } from '../../store/records/access-record.js';
import { BoundedMap } from '../../store/ground/bounded-map.js';
import type { Clock } from '../../store/ground/clock.js';
import type { Logger } from '../../store/records/log.js';
import type { Disk } from '../../store/disk/disk.js';
import { reasonOf } from '../../store/ground/errors.js';
import { setImmediate as breath } from 'node:timers/promises';
import { addRequest, addUsed, type CountedLine, idOf, namesOf, NONE } from '../../store/usage/counted-line.js';
import { UsageSums } from '../../store/usage/usage-sums.js';
import { tidyUsage, writeDay } from '../../store/usage/usage-files.js';
import { readUsage, sumUsage } from '../../store/usage/usage-reading.js';
import {
  dayOf,
  noUsage,
  tokensIn,
  usageSum,
  type UsageLine,
  type UsageName,
  type UsageNumbers,
  type UsageSum,
} from '../../store/usage/usage-line.js';
import { nextDay, type KeyUsage } from '../clients/key-limits.js';
import { byItself } from '../../store/ground/faults.js';

const WRITE_EVERY_MS = 60_000;

export interface UsageParts {
  /** Path of `usage/`. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  readonly keepDays: () => number;
  readonly disk?: Disk;
}

/** The most lines of one day. Beyond them, a model without a line counts among the others. */
const MOST_LINES = 20_000;
/** Of so many accounts the last line is at hand. */
const MOST_LAST = 2_000;
/** Stands for all models beyond the most. */
const OTHERS = '(others)';

/** A day or a month, and the tokens that each key used in it. */
interface Period {
  readonly name: string;
  readonly tokens: Map<string, number>;
}

/**
 * Counts requests and tokens by day, account, model, key and protocol: in memory, written durably once a minute and at
 * a stop. What a key used today and this month is kept ready, since its limits need it with every request.
 */
export class UsageBook implements KeyUsage {
  /** Lines of the days that are still counted or not written yet; by day, then by all names. */
  private readonly days = new Map<string, Map<string, CountedLine>>();
  /** By account: the line of today that its last request belonged to. */
  private readonly lastOf = new BoundedMap<string, CountedLine>(MOST_LAST);
  private readonly unwritten = new Set<string>();
  /** Days that are counted, and whose files could not be read: what they say is added before they are written. */
  private readonly unread = new Set<string>();
  /** Whether a file of this month could not be read. */
  private isMonthShort = false;
  private day: Period = { name: '', tokens: new Map() };
  private month: Period = { name: '', tokens: new Map() };
  /** When the day began and is over, ms since 1970. */
  private dayBeganAt = 0;
  private dayEndsAt = 0;
  private cancel: () => void = () => undefined;
  private writing: Promise<void> = Promise.resolve();
  /** Why it cannot be written, as it was told; null: it can. */
  private trouble: string | null = null;

  constructor(private readonly parts: UsageParts) {
    this.beginDay(parts.clock.now());
  }

  /** Writes once a minute, until `close`. */
  start(): void {
    this.cancel = this.parts.clock.after(WRITE_EVERY_MS, () => {
      byItself('the writing of what was used', this.save());
      this.start();
    });
  }

  /** Counts a client's request that has ended. */
  count(record: AccessRecord): void {
    this.look();
    const line = this.lineFor(record);
    addRequest(line, record);
    this.unwritten.add(this.day.name);
    this.addTokens(line, record.used ?? noUsage);
    if (record.spent === undefined) return;
    // what an account gave that the client did not get is no request of it
    for (const { account, used } of record.spent) {
      const theirs = this.lineFor({ ...record, account });
      addUsed(theirs, used);
      this.addTokens(theirs, used);
    }
  }

  private addTokens({ key }: CountedLine, used: TokensUsed): void {
    const tokens = tokensIn(used);
    addTo(this.day, key, tokens);
    addTo(this.month, key, tokens);
  }

  /** The line of today that a request belongs to. Nearly always it is the one of its account's last request. */
  private lineFor(record: AccessRecord): CountedLine {
    const { account, model, key, protocol = 'gemini' } = record;
    const last = account === null ? undefined : this.lastOf.get(account);
    if (last?.model === (model ?? NONE) && last.key === (key ?? NONE) && last.protocol === protocol) return last;
    const line = this.lineByNames(record);
    if (account !== null) this.lastOf.set(account, line);
    return line;
  }

  private lineByNames(record: AccessRecord): CountedLine {
    const lines = this.linesOf(this.day.name);
    const names = namesOf(record);
    const found = lines.get(idOf(names));
    if (found !== undefined) return found;
    if (lines.size >= MOST_LINES) names.model = OTHERS;
    const id = idOf(names);
    let line = lines.get(id);
    if (line === undefined) lines.set(id, (line = { day: this.day.name, ...names, ...noUsage }));
    return line;
  }

  today(key: string): number {
    this.look();
    return this.day.tokens.get(key) ?? 0;
  }

  thisMonth(key: string): number {
    this.look();
    return this.month.tokens.get(key) ?? 0;
  }

  /** What each key used today, by its name. */
  keysToday(): ReadonlyMap<string, UsageNumbers> {
    this.look();
    const sums = new Map<string, UsageNumbers>();
    for (const line of this.linesOf(this.day.name).values()) {
      sums.set(line.key, usageSum(sums.get(line.key) ?? noUsage, line));
    }
    return sums;
  }

  /**
   * Everything that was used in these days, written or not.
   *
   * @param since, until - days, both included
   * @throws the system's error where a file cannot be read
   */
  lines(since: string, until: string): readonly UsageLine[] {
    const written = readUsage(this.parts.folder, since, until).filter(({ day }) => !this.days.has(day));
    return [...written, ...this.heldLines(since, until)];
  }

  private heldLines(since: string, until: string): readonly UsageLine[] {
    return [...this.days].flatMap(([day, lines]) => (day >= since && day <= until ? [...lines.values()] : []));
  }

  /** The same, summed up by these names. It takes its time: files are read one after the other, and requests served between. */
  async summedBy(since: string, until: string, by: readonly UsageName[]): Promise<readonly UsageSum[]> {
    const sums = new UsageSums(by);
    const held = [...this.days].map(([day, lines]) => [day, [...lines.values()]] as const);
    const isHeld = new Set(held.map(([day]) => day));
    await sumUsage(this.parts.folder, [since, until], sums, breath, (day) => !isHeld.has(day));
    for (const [day, lines] of held) if (day >= since && day <= until) for (const line of lines) sums.add(line);
    return sums.sums;
  }

  /** Writes what is not on disk yet. Never rejects: what cannot be written is tried again the next time. */
  save(): Promise<void> {
    return (this.writing = this.writing.then(() => this.write()));
  }

  async close(): Promise<void> {
    this.cancel();
    await this.save();
  }

  private look(): void {
    const now = this.parts.clock.now();
    if (now >= this.dayEndsAt || now < this.dayBeganAt) this.beginDay(now);
  }

  /**
   * Begins another day, also when daylight saving time changes or the clock is set: if that day has a file already,
   * counting goes on from it.
   */
  private beginDay(now: number): void {
    const name = dayOf(now);
    this.dayBeganAt = new Date(now).setHours(0, 0, 0, 0);
    this.dayEndsAt = nextDay(now);
    if (name === this.day.name) return;
    this.lastOf.clear();
    const isKnown = this.days.has(name);
    this.day = { name, tokens: new Map() };
    if (!isKnown) this.unread.add(name);
    try {
      if (!isKnown) this.recall(name);
    } catch {
      // told and tried again with the next write
    }
    this.countDay();
    if (this.month.name !== name.slice(0, 7)) this.countMonth();
  }

  /** Adds what a day's file says to what is counted of it. @throws the system's error where it cannot be read */
  private recall(day: string): void {
    const lines = this.linesOf(day);
    this.lastOf.clear();
    for (const line of readUsage(this.parts.folder, day, day)) {
      lines.set(idOf(line), { ...line, ...usageSum(lines.get(idOf(line)) ?? noUsage, line) });
    }
    this.unread.delete(day);
  }

  /** Counts what each key used today. */
  private countDay(): void {
    const { name } = this.day;
    this.day = { name, tokens: new Map() };
    for (const line of this.linesOf(name).values()) addTo(this.day, line.key, tokensIn(line));
  }

  /** Counts what each key used this month. */
  private countMonth(): void {
    this.month = { name: this.day.name.slice(0, 7), tokens: new Map() };
    for (const line of this.linesOfMonth()) addTo(this.month, line.key, tokensIn(line));
  }

  /** What is known of this month. Where its files cannot all be read now, they are read again with the next write. */
  private linesOfMonth(): readonly UsageLine[] {
    const [since, until] = [`${this.month.name}-01`, `${this.month.name}-31`];
    try {
      const lines = this.lines(since, until);
      this.isMonthShort = false;
      return lines;
    } catch {
      this.isMonthShort = true;
      return this.heldLines(since, until);
    }
  }

  private linesOf(day: string): Map<string, CountedLine> {
    let lines = this.days.get(day);
    if (lines === undefined) this.days.set(day, (lines = new Map<string, CountedLine>()));
    return lines;
  }

  /** Writes the days that are not on disk yet, but for those whose files could not be read. */
  private async writeDays(): Promise<void> {
    const { folder, disk } = this.parts;
    for (const day of [...this.unwritten].filter((each) => !this.unread.has(each))) {
      this.unwritten.delete(day);
      await writeDay(folder, day, [...this.linesOf(day).values()], disk).catch((error: unknown) => {
        this.unwritten.add(day);
        throw error;
      });
    }
    for (const day of this.days.keys()) {
      if (day !== this.day.name && !this.unwritten.has(day) && !this.unread.has(day)) this.days.delete(day);
    }
  }

  private async write(): Promise<void> {
    const { folder, clock, logger, keepDays, disk } = this.parts;
    try {
      await this.writeDays();
      for (const day of [...this.unread]) {
        this.recall(day);
        this.unwritten.add(day);
        this.countDay();
        this.isMonthShort = true;
      }
      if (this.isMonthShort) this.countMonth();
      await this.writeDays();
      await tidyUsage(folder, clock.now(), keepDays(), disk);
      this.trouble = null;
    } catch (error) {
      const trouble = reasonOf(error);
      if (trouble !== this.trouble)
        logger.warn(`What was used cannot be written to ${folder}: ${trouble}; it is tried again`);
      this.trouble = trouble;
    }
  }
}

const addTo = ({ tokens }: Period, key: string, more: number): void =>
  void tokens.set(key, (tokens.get(key) ?? 0) + more);
