import type { UsedElsewhere } from '../../usage/usage-store.js';
import type { ForeignLine, KeyCounts, CountsOfKey } from './usage-rows.js';

type ByKey = Map<string, KeyCounts>;

const NOTHING: KeyCounts = { tokens: 0, requests: 0 };
const NOBODY: ReadonlyMap<string, number> = new Map();

/** What other boxes counted, summed up by day and key: a limit asks for a sum with every request. */
export class ForeignCounts implements UsedElsewhere {
  private readonly days = new Map<string, ByKey>();
  /** Tokens by month and key. */
  private readonly months = new Map<string, Map<string, number>>();
  /** The lines of which all changes are known, by their ids. */
  private readonly lines = new Map<string, KeyCounts>();

  /**
   * @param linesFrom - every line of this day and later is taken by `take`
   * @param lastAt - up to when changes are known, by the database's clock, ms since 1970
   */
  constructor(
    readonly linesFrom: string,
    public lastAt: number,
  ) {}

  tokensOf(day: string, key: string): number {
    return this.days.get(day)?.get(key)?.tokens ?? 0;
  }

  tokensOfMonth(month: string, key: string): number {
    return this.months.get(month)?.get(key) ?? 0;
  }

  requestsOf(day: string): ReadonlyMap<string, number> {
    const counts = this.days.get(day);
    if (counts === undefined) return NOBODY;
    return new Map([...counts].map(([key, { requests }]) => [key, requests]));
  }

  /** Takes a line as it is now. */
  take({ id, day, key, tokens, requests, at }: ForeignLine): void {
    const before = this.lines.get(id) ?? NOTHING;
    this.lines.set(id, { tokens, requests });
    this.lastAt = Math.max(this.lastAt, at);
    this.add(day, key, { tokens: tokens - before.tokens, requests: requests - before.requests });
  }

  /** Takes the sums of a whole day in the place of those that are known. */
  takeDay(day: string, counts: readonly CountsOfKey[]): void {
    for (const [key, { tokens, requests }] of this.days.get(day) ?? [])
      this.add(day, key, { tokens: -tokens, requests: -requests });
    for (const { key, ...count } of counts) this.add(day, key, count);
  }

  private add(day: string, key: string, { tokens, requests }: KeyCounts): void {
    const counts = entry(this.days, day, () => new Map<string, KeyCounts>());
    const { tokens: hadTokens, requests: hadRequests } = counts.get(key) ?? NOTHING;
    counts.set(key, { tokens: hadTokens + tokens, requests: hadRequests + requests });
    const month = entry(this.months, day.slice(0, 7), () => new Map<string, number>());
    month.set(key, (month.get(key) ?? 0) + tokens);
  }
}

function entry<T>(of: Map<string, T>, name: string, none: () => T): T {
  let found = of.get(name);
  if (found === undefined) of.set(name, (found = none()));
  return found;
}
