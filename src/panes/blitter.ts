/**
 * Puts rows of text with SGR sequences into blessed's cells, only those that changed. blessed's own boxes would parse all of
 * their content again for every frame; what it sends to the terminal is the difference of cells in either case.
 */
import type { BlessedScreen } from './blessed-ext.js';

/** Rows at a place on the screen. */
export interface PlacedRows {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly rows: readonly string[];
}

const ESC = '\x1b';

export class Blitter {
  /** What was put into each row of the screen. */
  #shown: string[] = [];
  /** Attributes by SGR sequence and the attribute before it. */
  readonly #attributes = new Map<string, Map<number, number>>();

  constructor(private readonly screen: BlessedScreen) {}

  /** Nothing that was put is on the screen any more. */
  forget(): void {
    this.#shown = [];
  }

  /** Somebody else wrote into this row. */
  forgetRow(y: number): void {
    this.#shown[y] = '';
  }

  /** Puts regions that cover the whole width one below the other, and `over` on top of them. */
  put(regions: Iterable<PlacedRows>, over: PlacedRows | null): void {
    for (const region of regions) {
      for (const [at, row] of region.rows.entries()) {
        const y = region.top + at;
        const above = over?.rows[y - over.top];
        const key = above === undefined ? row : `${row}\0${above}`;
        if (this.#shown[y] === key) continue;
        this.#shown[y] = key;
        this.#cells(y, region.left, row);
        if (above !== undefined && over !== null) this.#cells(y, over.left, above);
      }
    }
  }

  #cells(y: number, left: number, row: string): void {
    const cells = this.screen.lines[y];
    if (cells === undefined) return;
    const plain = this.screen.dattr;
    let attribute = plain;
    let x = left;
    for (let at = 0; at < row.length; at++) {
      if (row[at] === ESC) {
        const end = row.indexOf('m', at);
        attribute = this.#attribute(row.slice(at, end + 1), attribute, plain);
        at = end;
        continue;
      }
      const cell = cells[x++];
      if (cell === undefined) break;
      const char = row[at] ?? ' ';
      if (cell[0] === attribute && cell[1] === char) continue;
      cell[0] = attribute;
      cell[1] = char;
      cells.dirty = true;
    }
  }

  #attribute(sequence: string, before: number, plain: number): number {
    const known = this.#attributes.get(sequence) ?? new Map<number, number>();
    this.#attributes.set(sequence, known);
    const after = known.get(before) ?? this.screen.attrCode(sequence, before, plain);
    known.set(before, after);
    return after;
  }
}
