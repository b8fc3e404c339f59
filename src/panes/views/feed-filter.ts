/** Which records of a feed are wanted, kept up as the feed grows and forgets; asking again costs only what is new. */
import type { Feed } from '../../proxy/contract/supervisor.js';

/** The front of the list is given back once it holds this many dropped numbers. */
const SLACK = 4096;

/** `newestOf` looks at this many records beside those it is asked for, then it gives up. */
const MOST_PASSED_OVER = 200;

/**
 * Numbers of the newest `most` records that are wanted, newest first, found without looking at all the others; null where
 * too few of the newest ones are wanted.
 */
export function newestOf<T>(feed: Feed<T>, most: number, accept: (record: T) => boolean): number[] | null {
  const seqs: number[] = [];
  const end = Math.max(feed.first, feed.next - most - MOST_PASSED_OVER);
  for (let seq = feed.next - 1; seq >= end && seqs.length < most; seq--) {
    const record = feed.at(seq);
    if (record !== undefined && accept(record)) seqs.push(seq);
  }
  return seqs.length === most || end === feed.first ? seqs : null;
}

export class FeedFilter<T> {
  private seqs: number[] = [];
  private start = 0;
  private scanned: number | null = null;

  constructor(private readonly accept: (record: T) => boolean) {}

  /** What is wanted is another thing now; the next `refresh` looks at everything once. */
  reset(): void {
    this.seqs = [];
    this.start = 0;
    this.scanned = null;
  }

  /** Takes in what the feed got since the last time and lets go of what it forgot. */
  refresh(feed: Feed<T>): void {
    while (this.start < this.seqs.length && (this.seqs[this.start] ?? 0) < feed.first) this.start++;
    if (this.start > SLACK) {
      this.seqs.splice(0, this.start);
      this.start = 0;
    }
    for (let seq = Math.max(this.scanned ?? feed.first, feed.first); seq < feed.next; seq++) {
      const record = feed.at(seq);
      if (record !== undefined && this.accept(record)) this.seqs.push(seq);
    }
    this.scanned = feed.next;
  }

  get count(): number {
    return this.seqs.length - this.start;
  }

  /** The feed's number of the `index`-th wanted record, oldest first. */
  seqAt(index: number): number | undefined {
    return index < 0 ? undefined : this.seqs[this.start + index];
  }

  /** Index of the first wanted record numbered `seq` or later; `count` where there is none. */
  indexFrom(seq: number): number {
    let low = this.start;
    let high = this.seqs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.seqs[middle] ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low - this.start;
  }
}
