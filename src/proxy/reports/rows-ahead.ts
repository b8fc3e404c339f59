import { setImmediate as breath } from 'node:timers/promises';
import type { StoredAccount } from '../../store/accounts/stored-account.js';
import type { AccountRow } from '../contract/snapshot.js';

/** So many rows are made at once; then other work gets its turn. */
export const ROWS_A_TURN = 100;

/** Rows that are made ahead of a list of all, so that it holds up nobody; one that is out of date is forgotten. */
export class RowsAhead {
  private readonly rows = new Map<string, AccountRow>();

  /** @param make - the row of the account with this id, as it is now; null: it has none */
  constructor(private readonly make: (id: string) => AccountRow | null) {}

  get(id: string): AccountRow | undefined {
    return this.rows.get(id);
  }

  forget(id: string): void {
    this.rows.delete(id);
  }

  clear(): void {
    this.rows.clear();
  }

  /** The first so many rows, without making the others. */
  first(count: number, accounts: readonly StoredAccount[]): readonly AccountRow[] {
    const first: AccountRow[] = [];
    for (const { id } of accounts) {
      const row = this.ahead(id);
      if (row !== null && first.push(row) >= count) break;
    }
    return first;
  }

  /**
   * Makes all rows, by turns, as long as they are needed.
   *
   * @returns null: they are few
   */
  prepare(accounts: readonly StoredAccount[], areNeeded: () => boolean): Promise<void> | null {
    return accounts.length > ROWS_A_TURN ? this.makeAll([...accounts], areNeeded) : null;
  }

  private async makeAll(accounts: readonly StoredAccount[], areNeeded: () => boolean): Promise<void> {
    for (const [at, { id }] of accounts.entries()) {
      if (!areNeeded()) return;
      this.ahead(id);
      if (at % ROWS_A_TURN === ROWS_A_TURN - 1) await breath();
    }
  }

  private ahead(id: string): AccountRow | null {
    const row = this.rows.get(id) ?? this.make(id);
    if (row !== null) this.rows.set(id, row);
    return row;
  }
}
