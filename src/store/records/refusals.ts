import type { Clock } from '../ground/clock.js';
import type { AccessRecord } from './access-record.js';

/** At most one line for refusals in this time. */
const LINE_EVERY_MS = 1_000;

/** No key or a wrong one, a web page of another origin, a version of HTTP that is not spoken here. */
const REFUSED: ReadonlySet<number> = new Set([401, 403, 505]);

/** Whether the proxy itself refused the request. */
export const isRefusal = ({ status, tries, account }: AccessRecord): boolean =>
  REFUSED.has(status) && tries === 0 && account === null;

/**
 * Thins out the lines of refused requests, which anybody can send as fast as he likes: the first is logged at once, and
 * equal ones of the next second as one line with their count. Otherwise they would push all other lines out of the log.
 */
export class Refusals {
  private readonly byStatus = new Map<number, Alike>();

  /** @param tell - called with the last of those that have no line of their own, with their `count` */
  constructor(
    private readonly clock: Clock,
    private readonly tell: (last: AccessRecord) => void,
  ) {}

  /** Whether this refusal gets a line of its own. */
  take(record: AccessRecord): boolean {
    let alike = this.byStatus.get(record.status);
    if (alike === undefined) this.byStatus.set(record.status, (alike = new Alike(this.clock, this.tell)));
    return alike.take(record);
  }

  /** Tells of the refusals that have no line yet. */
  flush(): void {
    for (const alike of this.byStatus.values()) alike.flush();
  }
}

/** Refusals of one status. */
class Alike {
  private since = Number.NEGATIVE_INFINITY;
  private count = 0;
  private last: AccessRecord | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly tell: (last: AccessRecord) => void,
  ) {}

  take(record: AccessRecord): boolean {
    const now = this.clock.monotonic();
    if (now - this.since >= LINE_EVERY_MS && this.count === 0) {
      this.since = now;
      return true;
    }
    this.last = record;
    if (this.count++ === 0) {
      const left = Math.max(0, this.since + LINE_EVERY_MS - now);
      this.clock.after(left, () => this.flush());
    }
    return false;
  }

  flush(): void {
    const { count, last } = this;
    if (count === 0 || last === null) return;
    this.count = 0;
    this.last = null;
    this.since = this.clock.monotonic();
    this.tell({ ...last, count });
  }
}
