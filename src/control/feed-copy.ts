import type { Feed } from '../proxy/contract/supervisor.js';
import { Ring, type RingWeight } from '../store/ground/ring.js';

interface Slot<Raw, T> {
  readonly raw: Raw;
  record: T | null;
}

/** The records of a feed in another process, as far as they have come: bounded; numbered as there. */
export class FeedCopy<Raw, T> implements Feed<T> {
  private ring: Ring<Slot<Raw, T>>;
  /** What is added to the numbers that come; null: it is still to be seen. */
  private ahead: number | null = 0;

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
   * Takes in records numbered from `number` on. After a gap the records before it are dropped, since a feed has no gaps.
   */
  append(number: number, records: readonly Raw[]): void {
    this.ahead ??= this.next - number;
    const first = number + this.ahead;
    if (first !== this.next) this.ring = this.ringFrom(first);
    for (const raw of records) this.ring.push({ raw, record: null });
  }

  private ringFrom(first: number): Ring<Slot<Raw, T>> {
    const { capacity, weight } = this;
    return weight === undefined
      ? new Ring(capacity, first)
      : new Ring(capacity, first, { most: weight.most, of: ({ raw }) => weight.of(raw) });
  }

  /** Another feed goes on in this one's place, with numbers of its own and perhaps records that are here already. */
  beginAgain(): void {
    this.ring = this.ringFrom(this.next);
    this.ahead = null;
  }
}
