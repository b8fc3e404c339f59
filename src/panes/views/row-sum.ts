import { changedRows } from '../../proxy/contract/changed-rows.js';
import type { AccountRow } from '../../proxy/contract/snapshot.js';

/** A number that is summed up over all rows, updated from one list to the next by the rows that changed. */
export class RowSum {
  private rows: readonly AccountRow[] = [];
  private sum = 0;

  constructor(private readonly valueOf: (row: AccountRow) => number) {}

  of(rows: readonly AccountRow[]): number {
    const changes = changedRows(this.rows, rows);
    this.rows = rows;
    if (changes === null) this.sum = rows.reduce((sum, row) => sum + this.valueOf(row), 0);
    else for (const { before, after } of changes) this.sum += this.valueOf(after) - this.valueOf(before);
    return this.sum;
  }
}

/** How many rows say each of some words, updated likewise. */
export class RowTally {
  private rows: readonly AccountRow[] = [];
  private readonly counts = new Map<string, number>();

  constructor(private readonly wordsOf: (row: AccountRow) => readonly string[]) {}

  /** Words that no row says are not in it. */
  of(rows: readonly AccountRow[]): ReadonlyMap<string, number> {
    const changes = changedRows(this.rows, rows);
    this.rows = rows;
    if (changes === null) {
      this.counts.clear();
      for (const row of rows) this.add(row, 1);
    } else {
      for (const { before, after } of changes) {
        this.add(before, -1);
        this.add(after, 1);
      }
    }
    return this.counts;
  }

  private add(row: AccountRow, by: 1 | -1): void {
    for (const word of this.wordsOf(row)) {
      const count = (this.counts.get(word) ?? 0) + by;
      if (count === 0) this.counts.delete(word);
      else this.counts.set(word, count);
    }
  }
}
