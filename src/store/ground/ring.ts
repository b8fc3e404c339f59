/**
 * The last `capacity` records of a sequence, each with its number; adding and looking up take the same time at any
 * size.
 */
export class Ring<T> {
  private readonly slots: (T | undefined)[];
  private count: number;

  /** @param start - number of the first record */
  constructor(
    readonly capacity: number,
    private readonly start = 0,
  ) {
    this.slots = new Array<T | undefined>(capacity);
    this.count = start;
  }

  /** Number of the oldest record still held. */
  get first(): number {
    return Math.max(this.start, this.count - this.capacity);
  }

  /** Number that the next record will get. */
  get next(): number {
    return this.count;
  }

  push(record: T): number {
    this.slots[this.count % this.capacity] = record;
    return this.count++;
  }

  /** Puts another record in the place of one that is still held. */
  replace(seq: number, record: T): void {
    if (seq >= this.first && seq < this.count) this.slots[seq % this.capacity] = record;
  }

  at(seq: number): T | undefined {
    return seq >= this.first && seq < this.count ? this.slots[seq % this.capacity] : undefined;
  }
}
