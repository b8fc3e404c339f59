/**
 * Compares two snapshots. Rows that did not change are the same objects, so ten thousand of them are compared by
 * identity, without looking into one.
 */
import type { AccountRow } from './snapshot.js';

export interface RowChange {
  /** The place in both lists. */
  readonly at: number;
  readonly before: AccountRow;
  readonly after: AccountRow;
}

/** Several parts of a screen compare the same two lists for a frame: what was found last is kept, and these lists with it. */
let latest: { before: readonly AccountRow[]; after: readonly AccountRow[]; changes: readonly RowChange[] | null } = {
  before: [],
  after: [],
  changes: [],
};

/** The rows that are new objects; null where accounts were added, removed or put in another order. */
export function changedRows(before: readonly AccountRow[], after: readonly AccountRow[]): readonly RowChange[] | null {
  if (before === after) return [];
  if (latest.before !== before || latest.after !== after) latest = { before, after, changes: compared(before, after) };
  return latest.changes;
}

function compared(before: readonly AccountRow[], after: readonly AccountRow[]): readonly RowChange[] | null {
  if (before.length !== after.length) return null;
  const changes: RowChange[] = [];
  for (let at = 0; at < after.length; at++) {
    const old = before[at];
    const row = after[at];
    if (old === row || old === undefined || row === undefined) continue;
    if (old.id !== row.id) return null;
    changes.push({ at, before: old, after: row });
  }
  return changes;
}
