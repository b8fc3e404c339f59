/** Columns of a command's output: wide letters take two cells. */
import { inCells } from '../panes/text/cells.js';

export const cellsOf = (text: string): number => inCells(text).length;

/** A text with blanks up to this many cells. */
export function padded(text: string, cells: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, cells - cellsOf(text)));
  return align === 'left' ? text + blanks : blanks + text;
}
