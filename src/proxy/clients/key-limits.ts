import { Listeners } from '../../store/ground/listeners.js';
import type { KeyMinuteRecord, StateStore } from '../../store/state/state-store.js';
import { dayOf } from '../../store/usage/usage-line.js';
import { refusalAnswer } from '../hold/own-refusal.js';
import type { OwnError } from '../http/own-answer.js';
import type { ClientKey } from './client-keys.js';

const MINUTE_MS = 60_000;

/** Which of its limits a key has reached. */
export type LimitKind = 'requests_per_minute' | 'tokens_per_day' | 'tokens_per_month' | 'in_flight';

/** Tokens that a key has used, as answers said: input, cached, output and thoughts together. */
export interface KeyTokens {
  today(key: string): number;
  thisMonth(key: string): number;
}

/** The tokens, with the requests of each key. */
export interface KeyUsage extends KeyTokens {
  keysToday(): ReadonlyMap<string, { readonly requests: number }>;
}

/** A key has reached one of its limits; told once for each period. */
export interface LimitReached {
  readonly key: string;
  readonly kind: LimitKind;
  /**
   * The minute, day (`2026-11-30`) or month (`2026-11`) of the limit; for a limit of requests at the same time, the
   * day.
   */
  readonly period: string;
  /** What it has used, in words. */
  readonly text: string;
}

export interface KeyLimitsParts {
  readonly tokens: KeyTokens;
  /** ms since 1970. */
  readonly now: () => number;
  /** Where the counts of the minute are kept over a restart. */
  readonly state: Pick<StateStore, 'keyMinutes' | 'setKeyMinutes'>;
}

/** The counts of a minute are written at most this often, and at a stop. */
const SAVE_EVERY_MS = 2_000;

interface Count {
  /** The minute that `requests` is of, in minutes since 1970. */
  minute: number;
  requests: number;
  inFlight: number;
}

/**
 * Holds each key to its limits, before an account is chosen. Minutes, days and months are those of this machine's clock
 * and zone.
 */
export class KeyLimits {
  private readonly counts = new Map<string, Count>();
  private readonly reached = new Listeners<[reached: LimitReached]>();
  /** The latest period in which each key and limit was told. */
  private readonly told = new Map<string, string>();
  private savedAt = -Infinity;

  constructor(private readonly parts: KeyLimitsParts) {
    for (const { key, ...count } of parts.state.keyMinutes) this.counts.set(key, { ...count, inFlight: 0 });
  }

  /** Calls `listener` once for each key, limit and period in which it is reached. */
  onReached(listener: (reached: LimitReached) => void): () => void {
    return this.reached.add(listener);
  }

  /** Counts a request of this key, or returns why it may not begin. */
  begin(key: ClientKey): OwnError | null {
    const stopped = this.stoppedBy(key);
    if (stopped !== null) {
      this.tell(key.name, stopped);
      return stopped.error;
    }
    const count = this.countOf(key.name);
    count.requests += 1;
    count.inFlight += 1;
    if ((key.rules?.requestsPerMinute ?? 0) > 0 && Math.abs(this.parts.now() - this.savedAt) >= SAVE_EVERY_MS)
      this.save();
    return null;
  }

  end(key: ClientKey): void {
    const count = this.counts.get(key.name);
    if (count !== undefined) count.inFlight -= 1;
  }

  /** Writes the counts of this minute. */
  save(): void {
    this.savedAt = this.parts.now();
    this.parts.state.setKeyMinutes(() => this.minutes());
  }

  /** Requests of this key that are served now. */
  inFlight(name: string): number {
    return this.counts.get(name)?.inFlight ?? 0;
  }

  /** The same of all keys that have any. */
  allInFlight(): Readonly<Record<string, number>> {
    const serving = [...this.counts].filter(([, { inFlight }]) => inFlight > 0);
    return Object.fromEntries(serving.map(([name, { inFlight }]) => [name, inFlight]));
  }

  /** Counts requests that another process serves with a key, or not any more. */
  servesElsewhere(name: string, change: number): void {
    this.countOf(name).inFlight += change;
  }

  /** Which limit keeps this key from another request now; null: none. */
  stoppedBy({ name, rules }: Pick<ClientKey, 'name' | 'rules'>): Stop | null {
    if (rules === null) return null;
    const { tokens, now: clock } = this.parts;
    const now = clock();
    const { requests, inFlight } = this.countOf(name, now);
    const { requestsPerMinute, tokensPerDay, tokensPerMonth, maxInFlight } = rules;
    if (tokensPerMonth > 0 && tokens.thisMonth(name) >= tokensPerMonth) {
      return stop('tokens_per_month', `its ${tokensPerMonth} tokens a month`, nextMonth(now) - now);
    }
    if (tokensPerDay > 0 && tokens.today(name) >= tokensPerDay) {
      return stop('tokens_per_day', `its ${tokensPerDay} tokens a day`, nextDay(now) - now);
    }
    if (requestsPerMinute > 0 && requests >= requestsPerMinute) {
      return stop('requests_per_minute', `its ${requestsPerMinute} requests a minute`, MINUTE_MS - (now % MINUTE_MS));
    }
    if (maxInFlight > 0 && inFlight >= maxInFlight) {
      return stop('in_flight', `its ${maxInFlight} requests at the same time`, 1_000);
    }
    return null;
  }

  private minutes(): readonly KeyMinuteRecord[] {
    const minute = Math.floor(this.parts.now() / MINUTE_MS);
    return [...this.counts]
      .filter(([, count]) => count.minute === minute && count.requests > 0)
      .map(([key, { requests }]) => ({ key, minute, requests }));
  }

  private tell(key: string, { kind, text }: Stop): void {
    const period = periodOf(kind, this.parts.now());
    const id = `${kind}/${key}`;
    if (this.told.get(id) === period) return;
    this.told.set(id, period);
    this.reached.tell({ key, kind, period, text: text.replace('this API key', `the key ${key}`) });
  }

  private countOf(name: string, now = this.parts.now()): Count {
    const minute = Math.floor(now / MINUTE_MS);
    let count = this.counts.get(name);
    if (count === undefined) this.counts.set(name, (count = { minute, requests: 0, inFlight: 0 }));
    if (count.minute !== minute) {
      count.minute = minute;
      count.requests = 0;
    }
    return count;
  }
}

interface Stop {
  readonly kind: LimitKind;
  readonly text: string;
  readonly error: OwnError;
}

/** @param ms - until the limit is over */
function stop(kind: LimitKind, what: string, ms: number): Stop {
  const text = `this API key has used ${what}`;
  const isDaily = kind === 'tokens_per_day' || kind === 'tokens_per_month';
  // as where the pool rests: a client that waits, or ends, on Google's own 429 does so on this one
  return { kind, text, error: refusalAnswer({ kind: 'resting', text, readyInMs: ms, isDaily }) };
}

function periodOf(kind: LimitKind, now: number): string {
  if (kind === 'tokens_per_month') return dayOf(now).slice(0, 7);
  return kind === 'requests_per_minute' ? new Date(now).toISOString().slice(0, 16) : dayOf(now);
}

/**
 * The beginning of the next day in this machine's zone, also when daylight saving time changes.
 *
 * @param now - ms since 1970
 */
export function nextDay(now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
}

export function nextMonth(now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth() + 1, 1).getTime();
}
