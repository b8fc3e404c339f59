/** What records of the log are told apart by, and a part of them as it is shown. */
import type { LogRecord } from '../../proxy/contract/supervisor.js';
import type { SeqList } from './feed-filter.js';
import type { Line } from '../text/lines.js';

export const levelSteps = [
  { level: 20, name: 'debug+' },
  { level: 30, name: 'info+' },
  { level: 40, name: 'warn+' },
  { level: 50, name: 'error' },
] as const;

/** Requests that the client got no answer of use to, warnings and errors. */
export const hasFailed = ({ level, access }: LogRecord): boolean =>
  level >= 40 || (access !== null && (access.status >= 400 || access.status === 0));

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

export interface LogWindow {
  readonly lines: readonly Line[];
  /** Records that pass the filter; not counted (0) while the log is followed without one. */
  readonly count: number;
  /** Where the cursor stands among them, from 1. */
  readonly position: number;
  /** Came in since the pause. */
  readonly fresh: number;
  /** Records that the ring holds. */
  readonly held: number;
}
