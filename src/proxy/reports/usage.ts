import type { AccessRecord, TokensUsed } from '../../store/records/access-record.js';
import { BoundedMap } from '../../store/ground/bounded-map.js';
import type { Clock } from '../../store/ground/clock.js';
import type { Logger } from '../../store/records/log.js';
import { reasonOf } from '../../store/ground/errors.js';
import { setImmediate as breath } from 'node:timers/promises';
import { addRequest, addUsed, type CountedLine, idOf, namesOf, NONE } from '../../store/usage/counted-line.js';
import { HeldDays } from '../../store/usage/held-days.js';
import { UsageSums } from '../../store/usage/usage-sums.js';
import type { UsageStore } from '../../store/usage/usage-store.js';
import {
  dayOf,
  noUsage,
  tokensIn,
  type UsageLine,
  type UsageName,
  type UsageSum,
} from '../../store/usage/usage-line.js';
import { nextDay, type KeyUsage } from '../clients/key-limits.js';
import { byItself } from '../../store/ground/faults.js';

export interface UsageParts {
  readonly store: UsageStore;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  readonly keepDays: () => number;
}

/** The most lines of one day. Beyond them, a model without a line counts among the others. */
const MOST_LINES = 20_000;
/** Of so many accounts the last line is at hand. */
const MOST_LAST = 2_000;
/** Stands for all models beyond the most. */
const OTHERS = '(others)';

/** A day or a month, and the tokens that each key used in it here. */
interface Period {
  readonly name: string;
  readonly tokens: Map<string, number>;
}

/**
 * Counts requests and tokens by day, account, model, key and protocol: in memory, written durably now and then and at a
 * stop. What a key used today and this month, on all boxes, is kept ready: its limits need it with every request.
 */
export class UsageBook implements KeyUsage {
  private readonly days = new HeldDays();
  /** By account: the line of today that its last request belonged to. */
  private readonly lastOf = new BoundedMap<string, CountedLine>(MOST_LAST);
  /** Days that are counted, and of which what is written could not be read: it is added before they are written. */
  private readonly unread = new Set<string>();
  /** Whether something of this month could not be read. */
  private isMonthShort = false;
  private day: Period = { name: '', tokens: new Map() };
  private month: Period = { name: '', tokens: new Map() };
  /** When the day began and is over, ms since 1970. */
  private dayBeganAt = 0;
  private dayEndsAt = 0;
  /** Lines of today that are to be written. */
  private changed = new Set<CountedLine>();
  private cancel: () => void = () => undefined;
  private writing: Promise<void> = Promise.resolve();
  /** Why it cannot be written, as it was told; null: it can. */
  private trouble: string | null = null;

  constructor(private readonly parts: UsageParts) {
    this.beginDay(parts.clock.now());
    parts.store.onBehind(() => this.days.rewrite());
  }

  /** Writes as often as the store wants it, until `close`. */
  start(): void {
    const { clock, store } = this.parts;
    this.cancel = clock.after(store.writeEveryMs, () => {
      byItself('the writing of what was used', this.save());
      this.start();
    });
  }

  /** Counts a client's request that has ended. */
  count(record: AccessRecord): void {
    this.look();
    const line = this.lineFor(record);
    addRequest(line, record);
    this.changed.add(line);
    this.addTokens(line, record.used ?? noUsage);
    if (record.spent === undefined) return;
    // what an account gave that the client did not get is no request of it
    for (const { account, used } of record.spent) {
      const theirs = this.lineFor({ ...record, account });
      addUsed(theirs, used);
      this.changed.add(theirs);
      this.addTokens(theirs, used);
    }
  }

  private addTokens({ key }: CountedLine, used: TokensUsed): void {
    const tokens = tokensIn(used);
    if (tokens === 0) return;
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
    const { lines } = this.days.of(this.day.name);
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
    const { name, tokens } = this.day;
    return (tokens.get(key) ?? 0) + (this.parts.store.elsewhere?.tokensOf(name, key) ?? 0);
  }

  thisMonth(key: string): number {
    this.look();
    const { name, tokens } = this.month;
    return (tokens.get(key) ?? 0) + (this.parts.store.elsewhere?.tokensOfMonth(name, key) ?? 0);
  }

  keysToday(): ReadonlyMap<string, { readonly requests: number }> {
    this.look();
    const sums = new Map<string, { requests: number }>();
    const add = (key: string, requests: number): void => {
      const sum = sums.get(key);
      if (sum === undefined) sums.set(key, { requests });
      else sum.requests += requests;
    };
    for (const { key, requests } of this.days.lines(this.day.name)) add(key, requests);
    for (const [key, requests] of this.parts.store.elsewhere?.requestsOf(this.day.name) ?? []) add(key, requests);
    return sums;
  }

  /**
   * Everything that was used in these days by all boxes, written or not, summed up by these names. It takes its time, and
   * requests are served between.
   *
   * @param since, until - days, both included
   * @throws {DatabaseAway | StatementFailed} what other boxes used cannot be asked for
   */
  async summedBy(since: string, until: string, by: readonly UsageName[]): Promise<readonly UsageSum[]> {
    const sums = new UsageSums(by);
    const held = [...this.days.lines('')];
    await this.parts.store.sum({ since, until, except: this.days.names }, sums, breath);
    for (const line of held) if (line.day >= since && line.day <= until) sums.add(line);
    return sums.sums;
  }

  /** Writes what is not written yet. Never rejects: what cannot be written is tried again the next time. */
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
   * Begins another day, also when daylight saving time changes or the clock is set: if something of that day is written
   * already, counting goes on from it.
   */
  private beginDay(now: number): void {
    const name = dayOf(now);
    this.dayBeganAt = new Date(now).setHours(0, 0, 0, 0);
    this.dayEndsAt = nextDay(now);
    if (name === this.day.name) return;
    this.lastOf.clear();
    if (!this.days.has(name)) this.unread.add(name);
    this.changed = this.days.of(name).changed;
    try {
      const written = this.unread.has(name) ? this.parts.store.linesAtHand(name) : null;
      if (written !== null) this.recall(name, written);
    } catch {
      // told and tried again with the next write
    }
    this.countDay(name);
    if (this.month.name !== name.slice(0, 7)) this.beginMonth(name.slice(0, 7));
  }

  /** Adds what is written of a day to what is counted of it. */
  private recall(day: string, written: readonly UsageLine[]): void {
    this.lastOf.clear();
    this.days.add(day, written);
    this.unread.delete(day);
  }

  /** Counts what each key used today. */
  private countDay(name: string): void {
    this.day = { name, tokens: new Map() };
    for (const line of this.days.lines(name)) addTo(this.day, line.key, tokensIn(line));
  }

  private beginMonth(name: string): void {
    let written: ReadonlyMap<string, number> | null = null;
    try {
      written = this.parts.store.tokensAtHand(name, this.days.names);
    } catch {
      // told and tried again with the next write
    }
    this.isMonthShort = written === null;
    this.countMonth(name, written ?? new Map());
  }

  /** Counts what each key used this month. @param written - in days that are not held */
  private countMonth(name: string, written: ReadonlyMap<string, number>): void {
    this.month = { name, tokens: new Map(written) };
    for (const line of this.days.lines(name)) addTo(this.month, line.key, tokensIn(line));
  }

  /** Writes the days that are not written yet, but for those of which something could not be read. */
  private async writeDays(): Promise<void> {
    await this.days.write(this.parts.store, this.unread);
    this.days.drop((day) => day === this.day.name || this.unread.has(day));
  }

  /** Adds what could not be read before. */
  private async catchUp(): Promise<void> {
    const { store } = this.parts;
    for (const day of [...this.unread]) {
      const written = await store.readLines(day);
      this.recall(day, written);
      this.days.rewrite(day);
      if (written.length > 0) this.isMonthShort = true;
      this.countDay(this.day.name);
    }
    if (this.isMonthShort) {
      const { name } = this.month;
      const written = await store.readTokens(name, this.days.names);
      if (name !== this.month.name) return;
      this.isMonthShort = false;
      this.countMonth(name, written);
    }
    await this.writeDays();
  }

  private async write(): Promise<void> {
    const { store, clock, logger, keepDays } = this.parts;
    try {
      await this.writeDays();
      if (this.unread.size > 0 || this.isMonthShort) await this.catchUp();
      await store.tidy(clock.now(), keepDays());
      this.trouble = null;
    } catch (error) {
      const trouble = reasonOf(error);
      if (trouble !== this.trouble)
        logger.warn(`What was used cannot be written to ${store.place}: ${trouble}; it is tried again`);
      this.trouble = trouble;
    }
  }
}

const addTo = ({ tokens }: Period, key: string, more: number): void =>
  void tokens.set(key, (tokens.get(key) ?? 0) + more);
