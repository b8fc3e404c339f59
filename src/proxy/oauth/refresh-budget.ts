/** How many exchanges may fail for one request. */
const MOST_FAILURES = 20;
/** For how long exchanges may be begun for it. */
const LONGEST_MS = 5_000;
/** How much longer an exchange that was begun in time may take. */
const LAST_MS = 1_000;

/**
 * Bounds how many exchanges one request may cause, and how long it waits for them; after that it is answered without a
 * token.
 */
export class RefreshBudget {
  private failures = 0;
  /** When the request's first exchange was begun, monotonic ms; null: none was. */
  private since: number | null = null;

  /** Whether no exchange may be begun any more. @param now - monotonic ms */
  isSpent(now: number): boolean {
    return this.failures >= MOST_FAILURES || (this.since !== null && now - this.since >= LONGEST_MS);
  }

  /** Notes that an exchange begins. @returns how long it may be waited for, ms */
  begin(now: number): number {
    this.since ??= now;
    return this.since + LONGEST_MS + LAST_MS - now;
  }

  failed(exchanges: number): void {
    this.failures += exchanges;
  }
}
