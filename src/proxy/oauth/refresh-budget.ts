/** So many exchanges may fail for one request. */
const MOST_FAILURES = 20;
/** For so long they may be begun. */
const LONGEST_MS = 5_000;
/** One that was begun in time gets this much more to end. */
const LAST_MS = 1_000;

/** What one request may cost the token endpoint, and how long it waits there: then it has its answer without a token. */
export class RefreshBudget {
  private failures = 0;
  /** When its first exchange was begun, monotonic ms; null: none was. */
  private since: number | null = null;

  /** An exchange may not be begun any more. @param now - monotonic ms */
  isSpent(now: number): boolean {
    return this.failures >= MOST_FAILURES || (this.since !== null && now - this.since >= LONGEST_MS);
  }

  /** An exchange is begun. @returns how long it may be waited for, ms */
  begin(now: number): number {
    this.since ??= now;
    return this.since + LONGEST_MS + LAST_MS - now;
  }

  failed(exchanges: number): void {
    this.failures += exchanges;
  }
}
