/**
 * Finds the records of a feed that match, kept up to date as the feed grows and drops records; asking again costs only
 * what is new.
 */
import type { Feed } from '../../../proxy/contract/supervisor.js';
import { endless, type SliceEnd } from './time-slice.js';

/** Memory at the front of the list is released once it holds this many dropped numbers. */
const SLACK = 4096;

/** How many records that do not match `newestOf` passes over before it gives up. */
const MOST_PASSED_OVER = 200;

/**
 * Numbers of the newest `most` records that match, newest first, found without looking at all the others; null where
 * too few of the newest ones match.
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

/** Numbers of records, oldest first. */
export interface SeqList {
  readonly count: number;
  /** The `index`-th of them. */
  seqAt(index: number): number | undefined;
  /** Index of the first one with the number `seq` or a later one; `count` where there is none. */
  indexFrom(seq: number): number;
}

/**
 * The records of a feed that match. The newest are looked at first, so that what is shown is there at once however long
 * the feed is; the others follow with each `refresh`.
 */
export class FeedFilter<T> implements SeqList {
  /** Matching records after the point where the search began, oldest first; the first `start` of them are dropped. */
  private newer: number[] = [];
  private start = 0;
  /** Matching records before that point, newest first. */
  private older: number[] = [];
  /** All records from `down` up to `up` have been looked at; null before the first `refresh`. */
  private looked: { down: number; up: number } | null = null;
  private isDone = false;

  constructor(private readonly accept: (record: T) => boolean) {}

  /** The condition is another one now: everything is looked at again. */
  reset(): void {
    this.newer = [];
    this.older = [];
    this.start = 0;
    this.looked = null;
    this.isDone = false;
  }

  /** Takes in what the feed got since the last time and drops what the feed dropped, until the time slice ends. */
  refresh(feed: Feed<T>, isOver: SliceEnd = endless): void {
    this.looked ??= { down: feed.next, up: feed.next };
    this.forget(feed);
    const { looked } = this;
    looked.up = Math.max(looked.up, feed.first);
    while (looked.up < feed.next && !isOver()) this.look(feed, looked.up++, this.newer);
    while (looked.down > feed.first && !isOver()) this.look(feed, --looked.down, this.older);
    this.isDone = looked.down <= feed.first && looked.up >= feed.next;
  }

  private look(feed: Feed<T>, seq: number, wanted: number[]): void {
    const record = feed.at(seq);
    if (record !== undefined && this.accept(record)) wanted.push(seq);
  }

  private forget(feed: Feed<T>): void {
    while ((this.older.at(-1) ?? feed.first) < feed.first) this.older.pop();
    while (this.start < this.newer.length && (this.newer[this.start] ?? 0) < feed.first) this.start++;
    if (this.start > SLACK) {
      this.newer.splice(0, this.start);
      this.start = 0;
    }
  }

  /** Everything that the feed had at the last `refresh` has been looked at. */
  get complete(): boolean {
    return this.isDone;
  }

  get count(): number {
    return this.older.length + this.newer.length - this.start;
  }

  seqAt(index: number): number | undefined {
    if (index < 0) return undefined;
    const { length } = this.older;
    return index < length ? this.older[length - 1 - index] : this.newer[this.start + index - length];
  }

  indexFrom(seq: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.seqAt(middle) ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
