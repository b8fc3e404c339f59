/** The most requests that wait; a request that comes then is answered at once. */
const MOST = 1_024;

/** A request in the line. */
export interface Place<T> {
  readonly item: T;
  /**
   * Whether the request was already told that a quota is used up: then it waits behind all others, since it may itself
   * be the reason.
   */
  readonly isBehind: boolean;
}

/** Requests that wait until an account can serve them: first come, first served. */
export class WaitingLine<T> {
  private readonly first = new Set<Place<T>>();
  private readonly behind = new Set<Place<T>>();

  get size(): number {
    return this.first.size + this.behind.size;
  }

  get isFull(): boolean {
    return this.size >= MOST;
  }

  /** @returns the request's place; null: the line is full */
  join(item: T, isBehind: boolean): Place<T> | null {
    if (this.isFull) return null;
    const place = { item, isBehind };
    (isBehind ? this.behind : this.first).add(place);
    return place;
  }

  leave(place: Place<T>): void {
    (place.isBehind ? this.behind : this.first).delete(place);
  }

  /** The places in the order in which they are served. */
  *[Symbol.iterator](): Generator<Place<T>> {
    yield* this.first;
    yield* this.behind;
  }
}

/** What decides whether a request waits. */
export interface HoldCase {
  /** When the first account that could serve it will be ready, ms from now; null: not known. */
  readonly readyInMs: number | null;
  /** How long it has waited already, ms. */
  readonly waitedMs: number;
  /** `pool.waitSeconds` in ms; 0: no request waits. */
  readonly waitMs: number;
  readonly isLineFull: boolean;
}

/** Whether a request may wait: an account will be ready before the request has waited too long in all. */
export const mayWait = ({ readyInMs, waitedMs, waitMs, isLineFull }: HoldCase): boolean =>
  waitMs > 0 && !isLineFull && readyInMs !== null && waitedMs + readyInMs <= waitMs;
