import type { Feed } from '../proxy/contract/supervisor.js';
import { Ring, type RingWeight } from '../store/ground/ring.js';

interface Slot<Raw, T> {
  readonly raw: Raw;
  record: T | null;
}

/** The records of a feed in another process, as far as they have come: bounded, with the same numbers as there. */
export class FeedCopy<Raw, T> implements Feed<T> {
  private ring: Ring<Slot<Raw, T>>;

  /**
   * @param read - makes a record of what came, when somebody first looks at it, since most never are looked at
   * @param weight - a bound in bytes
   */
  constructor(
    private readonly capacity: number,
    private readonly read: (raw: Raw, seq: number) => T,
    private readonly weight?: RingWeight<Raw>,
  ) {
    this.ring = this.ringFrom(0);
  }

  get first(): number {
    return this.ring.first;
  }

  get next(): number {
    return this.ring.next;
  }

  at(seq: number): T | undefined {
    const slot = this.ring.at(seq);
    if (slot === undefined) return undefined;
    slot.record ??= this.read(slot.raw, seq);
    return slot.record;
  }

  /**
   * Takes in records numbered from `first` on. After a gap the records before it are dropped, since a feed has no gaps.
   */
  append(first: number, records: readonly Raw[]): void {
    if (first !== this.next) this.ring = this.ringFrom(first);
    for (const raw of records) this.ring.push({ raw, record: null });
  }

  private ringFrom(first: number): Ring<Slot<Raw, T>> {
    const { capacity, weight } = this;
    return weight === undefined
      ? new Ring(capacity, first)
      : new Ring(capacity, first, { most: weight.most, of: ({ raw }) => weight.of(raw) });
  }
}
