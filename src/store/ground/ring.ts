/** A bound in bytes beside the one in records. */
export interface RingWeight<T> {
  /** The most bytes of all records together; the last one is kept whatever it weighs. */
  readonly most: number;
  /** About how many bytes a record keeps in memory. */
  readonly of: (record: T) => number;
}

/**
 * The last `capacity` records of a sequence, each with its number; adding and looking up take the same time at any
 * size.
 */
export class Ring<T> {
  private readonly slots: (T | undefined)[];
  private count: number;
  private oldest: number;
  private bytes = 0;

  /** @param start - number of the first record */
  constructor(
    readonly capacity: number,
    start = 0,
    private readonly weight: RingWeight<T> = { most: Infinity, of: () => 0 },
  ) {
    this.slots = new Array<T | undefined>(capacity);
    this.count = start;
    this.oldest = start;
  }

  /** Number of the oldest record still held. */
  get first(): number {
    return this.oldest;
  }

  /** Number that the next record will get. */
  get next(): number {
    return this.count;
  }

  push(record: T): number {
    if (this.count - this.oldest === this.capacity) this.drop();
    this.slots[this.count % this.capacity] = record;
    this.bytes += this.weight.of(record);
    this.count += 1;
    this.lighten();
    return this.count - 1;
  }

  /** Puts another record in the place of one that is still held. */
  replace(seq: number, record: T): void {
    const held = this.at(seq);
    if (held === undefined) return;
    this.slots[seq % this.capacity] = record;
    this.bytes += this.weight.of(record) - this.weight.of(held);
    this.lighten();
  }

  at(seq: number): T | undefined {
    return seq >= this.oldest && seq < this.count ? this.slots[seq % this.capacity] : undefined;
  }

  private lighten(): void {
    while (this.bytes > this.weight.most && this.count - this.oldest > 1) this.drop();
  }

  private drop(): void {
    const at = this.oldest % this.capacity;
    const held = this.slots[at];
    if (held !== undefined) this.bytes -= this.weight.of(held);
    this.slots[at] = undefined;
    this.oldest += 1;
  }
}
