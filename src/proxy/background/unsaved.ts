import type { StoredAccount } from '../../store/accounts/stored-account.js';
import { lossText } from '../../store/open.js';

/** How often the number of unsaved changes is logged. */
export const COUNT_EVERY_MS = 60_000;
const MOST_NAMED = 3;

type Unsaved = Pick<StoredAccount, 'id' | 'file' | 'account' | 'notSaved' | 'unsaved'>;

/** A line for the log, and whether it is a warning. */
export interface UnsavedLine {
  readonly level: 'error' | 'info';
  readonly text: string;
}

/**
 * Decides what the log says of changes that are in memory only: each account that has one, their number once a minute,
 * and when there are none any more.
 */
export class UnsavedTold {
  private readonly known = new Set<string>();
  private toldAt = 0;

  /** The line to log now; null: none. @param now - monotonic ms */
  look(unsaved: readonly Unsaved[], now: number): UnsavedLine | null {
    const fresh = unsaved.filter(({ file }) => !this.known.has(file));
    const had = this.known.size;
    this.known.clear();
    for (const { file } of unsaved) this.known.add(file);
    if (unsaved.length === 0) return had === 0 ? null : { level: 'info', text: 'All accounts are saved again' };
    const isDue = now - this.toldAt >= COUNT_EVERY_MS;
    if (fresh.length === 0 && !isDue) return null;
    this.toldAt = now;
    const named = (fresh.length > 0 ? fresh : unsaved).slice(0, MOST_NAMED).map(lossText).join('; ');
    const more = fresh.length > MOST_NAMED ? `; and ${fresh.length - MOST_NAMED} more` : '';
    const count = `${unsaved.length} account${unsaved.length === 1 ? ' is' : 's are'} not saved`;
    return {
      level: 'error',
      text: `${count}, and lost if this program ends: ${named}${more}; the writes are tried again`,
    };
  }
}
