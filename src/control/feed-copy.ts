import type { Feed } from '../proxy/contract/supervisor.js';

interface Slot<Raw, T> {
  readonly raw: Raw;
  record: T | null;
}

/** The records of a feed in another process, as far as they have come: bounded, with the same numbers as there. */
export class FeedCopy<Raw, T> implements Feed<T> {
  private readonly slots = new Map<number, Slot<Raw, T>>();
  first = 0;
  next = 0;

  /** @param read - makes a record of what came, when somebody first looks at it, since most never are looked at */
  constructor(
    private readonly capacity: number,
    private readonly read: (raw: Raw, seq: number) => T,
  ) {}

  at(seq: number): T | undefined {
    const slot = this.slots.get(seq);
    if (slot === undefined) return undefined;
    slot.record ??= this.read(slot.raw, seq);
    return slot.record;
  }

  /**
   * Takes in records numbered from `first` on. After a gap the records before it are dropped, since a feed has no gaps.
   */
  append(first: number, records: readonly Raw[]): void {
    if (first !== this.next) {
      this.slots.clear();
      this.first = this.next = first;
    }
    for (const raw of records) this.slots.set(this.next++, { raw, record: null });
    for (; this.next - this.first > this.capacity; this.first++) this.slots.delete(this.first);
  }
}
