import type { Clock } from '../ground/clock.js';
import type { AccessRecord } from './access-record.js';

/** Refusals have one line in so long. */
const LINE_EVERY_MS = 1_000;

/** Refused by the proxy itself: no key, a wrong one, or a page of somebody else's. */
export const isRefusal = ({ status, tries, account }: AccessRecord): boolean =>
  (status === 401 || status === 403) && tries === 0 && account === null;

/**
 * Thins out the lines of requests that are refused, which anybody can send as fast as he likes: one at once, and those of
 * the next second as one line with their count. Else they would push everybody's history out of the log.
 */
export class Refusals {
  private since = Number.NEGATIVE_INFINITY;
  private more = 0;
  private last: AccessRecord | null = null;

  /** @param tell - how many more there were than have a line of their own, and the last of them */
  constructor(
    private readonly clock: Clock,
    private readonly tell: (more: number, last: AccessRecord) => void,
  ) {}

  /** Whether this one gets a line of its own. */
  take(record: AccessRecord): boolean {
    const now = this.clock.monotonic();
    if (now - this.since >= LINE_EVERY_MS && this.more === 0) {
      this.since = now;
      return true;
    }
    this.last = record;
    if (this.more++ === 0) {
      const left = Math.max(0, this.since + LINE_EVERY_MS - now);
      this.clock.after(left, () => this.flush());
    }
    return false;
  }

  /** Tells of those that have no line yet. */
  flush(): void {
    const { more, last } = this;
    if (more === 0 || last === null) return;
    this.more = 0;
    this.last = null;
    this.since = this.clock.monotonic();
    this.tell(more, last);
  }
}
