/** Which records fit into a window of the log, and on which rows each is drawn. */
import type { SeqList } from './feed-filter.js';
import type { Line } from '../../text/lines.js';
import type { Glyphs } from '../../text/theme.js';

/** The place where a window is shown. */
export interface LogPlace {
  readonly width: number;
  readonly height: number;
  readonly now: number;
  readonly longestEmail: number;
  readonly glyphs: Glyphs;
}

export interface DrawnRecords {
  readonly lines: readonly Line[];
  /** Number of the record on each row. */
  readonly seqs: readonly number[];
  /** Number of the first record that is shown. */
  readonly top: number;
}

/** Numbers of the records that a window around the one at `here` may show, newest first. */
export function seqsAround(list: SeqList, here: number, height: number): number[] {
  const first = Math.max(0, here - height);
  const count = Math.max(0, Math.min(here + height, list.count) - first);
  return Array.from({ length: count }, (_, at) => list.seqAt(first + count - 1 - at) ?? -1);
}

type LinesOf = (seq: number) => readonly Line[];

/** Draws the newest records from the last row upwards. @param newest - numbers, newest first */
export function newestDrawn(newest: readonly number[], height: number, linesOf: LinesOf): DrawnRecords {
  const shown: (readonly [seq: number, lines: readonly Line[]])[] = [];
  let used = 0;
  for (const seq of newest) {
    const lines = linesOf(seq);
    if (shown.length > 0 && used + lines.length > height) break;
    shown.unshift([seq, lines]);
    used += lines.length;
  }
  return drawn(shown, height);
}

/** The position of a window in a list. */
export interface WindowPlace {
  /** Index of the record that has to be visible. */
  readonly here: number;
  /** Index of the record that was last shown first: the window moves as little as possible. */
  readonly top: number;
  /** `below`: records after `here` fill the rest of the window. */
  readonly fill: 'below' | 'none';
}

/** The records around one of them. */
export function drawnAround(
  list: SeqList,
  { here, top: wanted, fill }: WindowPlace,
  height: number,
  linesOf: LinesOf,
): DrawnRecords {
  const made = new Map<number, readonly Line[]>();
  const linesAt = (index: number): readonly Line[] => {
    let lines = made.get(index);
    if (lines === undefined) made.set(index, (lines = linesOf(list.seqAt(index) ?? -1)));
    return lines;
  };
  let top = Math.min(wanted, here);
  let used = 0;
  // more rows than fit above it are not made
  top = Math.max(top, here - height + 1);
  for (let index = top; index <= here; index++) used += linesAt(index).length;
  while (used > height && top < here) used -= linesAt(top++).length;
  let end = here;
  while (fill === 'below' && end + 1 < list.count && used + linesAt(end + 1).length <= height)
    used += linesAt(++end).length;
  // filled upwards where following, or where the end of the log leaves it half empty
  while (top > 0 && used + linesAt(top - 1).length <= height) used += linesAt(--top).length;
  const shown: (readonly [number, readonly Line[]])[] = [];
  for (let index = Math.max(0, top); index <= end; index++) shown.push([list.seqAt(index) ?? -1, linesAt(index)]);
  return drawn(shown, height);
}

function drawn(shown: readonly (readonly [seq: number, lines: readonly Line[]])[], height: number): DrawnRecords {
  const rows = shown.flatMap(([seq, lines]) => lines.map((line) => ({ seq, line }))).slice(0, height);
  return { lines: rows.map(({ line }) => line), seqs: rows.map(({ seq }) => seq), top: shown[0]?.[0] ?? 0 };
}
