import type { AccountRow } from '../../proxy/contract/snapshot.js';
import { changedRows } from '../../proxy/contract/changed-rows.js';
import { accountName, sanitise } from '../text/text.js';

/**
 * Cells of the longest name of an account; looked for again only where a name changed, since a snapshot comes ten times
 * a second.
 *
 * @param known - what it was `before`; 0: not known
 */
export function longestName(known: number, before: readonly AccountRow[], after: readonly AccountRow[]): number {
  const changes = known === 0 ? null : changedRows(before, after);
  if (changes?.every((row) => accountName(row.before) === accountName(row.after)) === true) return known;
  return after.reduce((longest, row) => Math.max(longest, sanitise(accountName(row)).length), 0);
}
