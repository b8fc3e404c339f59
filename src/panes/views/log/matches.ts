/** The matches that `n` and `N` go to in the log: by the last filter, once everything is shown again. */
import type { Feed, LogRecord } from '../../../proxy/contract/supervisor.js';
import { FeedFilter, type SeqList } from './feed-filter.js';
import { recordText } from './record-lines.js';
import type { SliceEnd } from './time-slice.js';
import type { Pattern } from '../../text/pattern.js';

/** Numbers, oldest first, as a list. */
export const listOf = (seqs: readonly number[]): SeqList => ({
  count: seqs.length,
  seqAt: (index) => seqs[index],
  indexFrom: (seq) => seqs.filter((each) => each < seq).length,
});

/** Where a match stands among all of them, from 1. */
export interface MatchPlace {
  readonly at: number;
  readonly of: number;
}

export class LogMatches {
  /** The former filter. */
  sought: Pattern | null = null;
  private readonly records: FeedFilter<LogRecord>;
  /** The match that the last step went to. */
  private last: { readonly seq: number; readonly place: MatchPlace } | null = null;

  /** @param wants - whether a record is shown at all */
  constructor(wants: (record: LogRecord) => boolean) {
    this.records = new FeedFilter((record) => wants(record) && this.sought?.matches(recordText(record)) === true);
  }

  /** Other records are shown now. */
  reset(): void {
    this.records.reset();
    this.last = null;
  }

  /** The matches, as far as records have been looked at. */
  listed(feed: Feed<LogRecord>, isOver: SliceEnd): { readonly list: SeqList; readonly complete: boolean } {
    this.records.refresh(feed, isOver);
    return { list: this.records, complete: this.records.complete };
  }

  /** The next number of a list after `seq`, or before it; null where there is none. */
  step(list: SeqList, seq: number, direction: 1 | -1): number | null {
    const at = direction === 1 ? list.indexFrom(seq + 1) : list.indexFrom(seq) - 1;
    const found = list.seqAt(at) ?? null;
    if (found !== null) this.last = { seq: found, place: { at: at + 1, of: list.count } };
    return found;
  }

  /** The place of this record among the matches, if the last step went to it. */
  placeOf(seq: number): MatchPlace | null {
    return this.last?.seq === seq ? this.last.place : null;
  }
}
