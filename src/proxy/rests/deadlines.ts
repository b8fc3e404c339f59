interface Deadline<T> {
  readonly at: number;
  readonly item: T;
}

/**
 * Items that fall due at a time, the earliest first: a heap, so that adding and taking take the same few steps at any
 * size.
 */
export class Deadlines<T> {
  private readonly heap: Deadline<T>[] = [];

  get size(): number {
    return this.heap.length;
  }

  /** When the first item falls due; Infinity: there is none. */
  get first(): number {
    return this.heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  add(at: number, item: T): void {
    const { heap } = this;
    const entry = { at, item };
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      const above = heap[parent];
      if (above === undefined || above.at <= at) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = entry;
  }

  /** Takes the first item out if it is due at `now`. */
  take(now: number): Deadline<T> | null {
    const { heap } = this;
    const top = heap[0];
    if (top === undefined || top.at > now) return null;
    const last = heap.pop();
    if (last !== undefined && last !== top) this.sink(last);
    return top;
  }

  /** Keeps only the items for which `isWanted` is true. */
  keep(isWanted: (item: T, at: number) => boolean): void {
    const wanted = this.heap.filter(({ at, item }) => isWanted(item, at)).sort((one, other) => one.at - other.at);
    // a sorted list is a valid heap
    this.heap.length = 0;
    for (const entry of wanted) this.heap.push(entry);
  }

  clear(): void {
    this.heap.length = 0;
  }

  private sink(entry: Deadline<T>): void {
    const { heap } = this;
    let place = 0;
    for (;;) {
      let child = place * 2 + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && right.at < left.at) child++;
      const below = heap[child];
      if (below === undefined || below.at >= entry.at) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = entry;
  }
}
