/**
 * Puts rows of text with SGR sequences into blessed's cells, only those that changed. blessed's own boxes would parse all of
 * their content again for every frame; what it sends to the terminal is the difference of cells in either case.
 */
import type { BlessedScreen, CellRow } from './blessed-ext.js';
import { FILLER, isSure, isWide, textOfCell } from '../text/cells.js';

/** Rows at a place on the screen. */
export interface PlacedRows {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly rows: readonly string[];
}

const ESC = '\x1b';
const ESC_CODE = 0x1b;
const ZERO_CODE = 0x30;
/**
 * Stands for the second cell of a wide letter: nothing is written there, the cursor only moves on. blessed counts one
 * cell for each of its own, so each has to move the cursor by one, however wide the terminal draws the letter.
 */
const PASS = '\x1b[C';

export class Blitter {
  /** What was drawn in each row of the screen. */
  private shown: string[] = [];
  /** blessed's attributes, by SGR sequence and the attribute before it. */
  private readonly attributes = new Map<string, Map<number, number>>();

  constructor(private readonly screen: BlessedScreen) {}

  /** Nothing that was drawn is on the screen any more. */
  forget(): void {
    this.shown = [];
  }

  /** Another writer has drawn over this row. */
  forgetRow(y: number): void {
    this.shown[y] = '';
  }

  /** Draws regions that cover the whole width one below the other, and `over` on top of them. */
  put(regions: Iterable<PlacedRows>, over: PlacedRows | null): void {
    for (const region of regions) {
      for (const [at, row] of region.rows.entries()) {
        const y = region.top + at;
        const above = over?.rows[y - over.top];
        const key = above === undefined ? row : `${row}\0${above}`;
        if (this.shown[y] === key) continue;
        this.shown[y] = key;
        this.cells(y, region.left, row);
        if (above !== undefined && over !== null) {
          this.cells(y, over.left, above);
          this.mendEdges(y, [over.left, over.left + over.width]);
        }
      }
    }
  }

  private cells(y: number, left: number, row: string): void {
    const cells = this.screen.lines[y];
    if (cells === undefined) return;
    const plain = this.screen.dattr;
    let attribute = plain;
    let x = left;
    for (let at = 0; at < row.length; at++) {
      const code = row.charCodeAt(at);
      if (code === ESC_CODE) {
        const end = row.indexOf('m', at);
        // half of all sequences are this one: recognised without cutting a text out of the row
        const isReset = end === at + 3 && row.charCodeAt(at + 2) === ZERO_CODE;
        attribute = isReset ? plain : this.attribute(row.slice(at, end + 1), attribute, plain);
        at = end;
        continue;
      }
      const cell = cells[x++];
      if (cell === undefined) break;
      const char = code < 0x300 ? unitOf(code) : charOf(row, at, x);
      if (cell[0] === attribute && cell[1] === char) continue;
      cell[0] = attribute;
      cell[1] = char;
      cells.dirty = true;
    }
  }

  /** Where something covers half of a wide letter, blanks the other half. */
  private mendEdges(y: number, edges: readonly number[]): void {
    const cells = this.screen.lines[y];
    if (cells === undefined) return;
    for (const x of edges) {
      const startsHere = isLead(cells[x - 1]?.[1]);
      const endsHere = cells[x]?.[1] === PASS;
      if (startsHere && !endsHere) blank(cells, x - 1);
      if (endsHere && !startsHere) blank(cells, x);
    }
  }

  private attribute(sequence: string, before: number, plain: number): number {
    let known = this.attributes.get(sequence);
    if (known === undefined) this.attributes.set(sequence, (known = new Map<number, number>()));
    let after = known.get(before);
    if (after === undefined) known.set(before, (after = this.screen.attrCode(sequence, before, plain)));
    return after;
  }
}

/**
 * One shared string for each UTF-16 unit: cut out of a row, every letter beyond Latin-1 would be a new string, slow to
 * compare. In pages of full length, because an array that grows by leaps becomes a hash table; one for all units would be
 * half a megabyte, of which a start needs a hundredth.
 */
const pages = new Array<(string | undefined)[] | undefined>(0x100);

function unitOf(code: number): string {
  const page = (pages[code >> 8] ??= new Array<string | undefined>(0x100));
  return (page[code & 0xff] ??= String.fromCharCode(code));
}

/** The text to write for the unit at `at`, which may be wide or composed; its cell is the one before column `next`. */
function charOf(row: string, at: number, next: number): string {
  const unit = unitOf(row.charCodeAt(at));
  const text = textOfCell(unit);
  if (unit === FILLER) return at > 0 && isWide(textOfCell(row[at - 1] ?? '')) ? PASS : ' ';
  if (row[at + 1] !== FILLER) {
    if (isSure(unit)) return unit;
    // its second half was cut off
    if (isWide(text)) return ' ';
  }
  return `${text}${ESC}[${next + 1}G`;
}

/** Whether a cell has the first half of a wide letter. */
const isLead = (char: string | undefined): boolean =>
  char !== undefined && char.length > 1 && char !== PASS && isWide(char.slice(0, char.indexOf(ESC)));

function blank(cells: CellRow, x: number): void {
  const cell = cells[x];
  if (cell === undefined) return;
  cell[1] = ' ';
  cells.dirty = true;
}
