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

  constructor(
    private readonly tokens: KeyTokens,
    /** ms since 1970 */
    private readonly now: () => number,
    private readonly onLimit: (key: string, kind: LimitKind) => void = () => undefined,
  ) {}

  /** Counts a request of this key, or returns why it may not begin. */
  begin(key: ClientKey): OwnError | null {
    const stopped = this.stoppedBy(key);
    if (stopped !== null) {
      this.onLimit(key.name, stopped.kind);
      return stopped.error;
    }
    const count = this.countOf(key.name);
    count.requests += 1;
    count.inFlight += 1;
    return null;
  }

  end(key: ClientKey): void {
    this.countOf(key.name).inFlight -= 1;
  }

  /** Requests of this key that are served now. */
  inFlight(name: string): number {
    return this.counts.get(name)?.inFlight ?? 0;
  }

  /** Which limit keeps this key from another request now; null: none. */
  stoppedBy({
    name,
    rules,
  }: Pick<ClientKey, 'name' | 'rules'>): { readonly kind: LimitKind; readonly error: OwnError } | null {
    if (rules === null) return null;
    const now = this.now();
    const { requests, inFlight } = this.countOf(name);
    const { requestsPerMinute, tokensPerDay, tokensPerMonth, maxInFlight } = rules;
    if (tokensPerMonth > 0 && this.tokens.thisMonth(name) >= tokensPerMonth) {
      return stop('tokens_per_month', `its ${tokensPerMonth} tokens a month`, nextMonth(now) - now);
    }
    if (tokensPerDay > 0 && this.tokens.today(name) >= tokensPerDay) {
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

  private countOf(name: string): Count {
    const minute = Math.floor(this.now() / MINUTE_MS);
    let count = this.counts.get(name);
    if (count === undefined) this.counts.set(name, (count = { minute, requests: 0, inFlight: 0 }));
    if (count.minute !== minute) {
      count.minute = minute;
      count.requests = 0;
    }
    return count;
  }
}

const stop = (kind: LimitKind, what: string, ms: number): { kind: LimitKind; error: OwnError } => ({
  kind,
  error: {
    status: 429,
    message: `this API key has used ${what}`,
    headers: ['Retry-After', String(Math.max(1, Math.ceil(ms / 1000)))],
  },
});

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
