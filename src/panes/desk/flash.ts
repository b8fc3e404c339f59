/**
 * Accounts whose grants just died flash, accounts that just came back are green: both follow from the clock and are
 * never counted in frames.
 */
import type { AccountRow, AccountState } from '../../proxy/contract/snapshot.js';
import type { Highlight } from '../views/accounts.js';
import { changedRows, type RowChange } from '../../proxy/contract/changed-rows.js';

const PHASE_MS = 200;

/** Six phases: three times reverse, three times plain. 2.5 flashes a second stays under the 3 that can harm. */
const FLASH_MS = 6 * PHASE_MS;
const RECOVERED_MS = 3000;

const wasOut: readonly AccountState[] = ['disabled', 'refused', 'no_client', 'unreadable', 'blocked'];

export class Flash {
  private before: readonly AccountRow[] | null = null;
  private dead = new Set<string>();
  private start = -Infinity;
  private until = -Infinity;
  private recovered = new Map<string, number>();

  /**
   * Compares with the states seen before.
   *
   * @returns the accounts that died since; if one dies during a flash it joins that, so that many are one
   */
  observe(accounts: readonly AccountRow[], now: number): AccountRow[] {
    const before = this.before;
    this.before = accounts;
    if (before === null || before === accounts) return [];
    const died: AccountRow[] = [];
    for (const { row, was } of changedStates(before, accounts)) {
      if (row.state === 'disabled') died.push(row);
      // It recovered while it still flashed: red is only for dead grants.
      else this.dead.delete(row.id);
      if (row.state === 'ready' && wasOut.includes(was)) this.recovered.set(row.id, now + RECOVERED_MS);
    }
    if (died.length > 0) this.begin(died, now);
    return died;
  }

  /** Flashes accounts that died before anybody looked. */
  replay(died: readonly AccountRow[], now: number): void {
    if (died.length > 0) this.begin(died, now);
  }

  private begin(died: readonly AccountRow[], now: number): void {
    if (now >= this.until) {
      this.start = now;
      this.dead.clear();
    }
    // Prolonged by whole phases of the running flash, so that its rhythm stays.
    this.until = this.start + Math.ceil((now - this.start) / (2 * PHASE_MS)) * 2 * PHASE_MS + FLASH_MS;
    for (const { id } of died) this.dead.add(id);
  }

  running(now: number): boolean {
    return now < this.until;
  }

  /** Whether it is the half of the rhythm that is shown in reverse. With `ui.flash` off there is one long such half. */
  lit(now: number, isSteady: boolean): boolean {
    return this.running(now) && this.dead.size > 0 && (isSteady || Math.floor((now - this.start) / PHASE_MS) % 2 === 0);
  }

  highlight(id: string, now: number, isSteady: boolean): Highlight {
    if (this.dead.has(id) && this.lit(now, isSteady)) return 'flash';
    return now < (this.recovered.get(id) ?? -Infinity) ? 'recovered' : null;
  }

  /** When it will look different by the clock alone, ms since 1970; null: it will not. */
  nextChange(now: number): number | null {
    const times: number[] = [];
    if (this.running(now)) times.push(this.start + (Math.floor((now - this.start) / PHASE_MS) + 1) * PHASE_MS);
    for (const [id, until] of this.recovered) {
      if (until > now) times.push(until);
      else this.recovered.delete(id);
    }
    return times.length === 0 ? null : Math.min(...times);
  }
}

interface Change {
  readonly row: AccountRow;
  readonly was: AccountState;
}

/** The accounts that were there before in another state. */
function changedStates(before: readonly AccountRow[], after: readonly AccountRow[]): Change[] {
  const changed = changedRows(before, after) ?? pairsOf(before, after);
  return changed
    .filter((pair) => pair.before.state !== pair.after.state)
    .map((pair) => ({ row: pair.after, was: pair.before.state }));
}

function pairsOf(before: readonly AccountRow[], after: readonly AccountRow[]): Pick<RowChange, 'before' | 'after'>[] {
  const byId = new Map(before.map((each) => [each.id, each]));
  return after.flatMap((row) => {
    const old = byId.get(row.id);
    return old === undefined ? [] : [{ before: old, after: row }];
  });
}
