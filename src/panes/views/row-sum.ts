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
