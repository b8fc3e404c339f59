import type { Patch } from '../../accounts/patches.js';
import type { JsonObject } from '../../ground/json.js';
import type { StoredRow } from './stored-row.js';

/** Which version of an account the database has. */
export interface RowVersion {
  readonly id: string;
  readonly version: number;
  readonly removed: boolean;
}

/** A row as a box has it in memory. */
export interface KnownRow {
  readonly version: number;
  readonly json: JsonObject;
}

/**
 * The accounts where all boxes see them. Everything fails with `DatabaseAway` where the database cannot be reached
 * (then it may have happened or not), and with `StatementFailed` where it cannot do it.
 */
export interface StoredRows {
  /** @param ids - null: every account. Removed ones too */
  read(ids: readonly string[] | null): Promise<readonly StoredRow[]>;

  /** Of every account, or of those that were changed in the last minute. */
  versions(which: 'all' | 'recent'): Promise<readonly RowVersion[]>;

  /**
   * Applies patches to what stands there, in one step. A row that is removed or cannot be read stays as it is. What was
   * replaced as a refresh token never comes back by it.
   *
   * @param known - what is likely to stand there: then it takes one statement
   * @returns the row as it is now; null: there is none
   */
  change(id: string, patches: readonly Patch[], known?: KnownRow | null): Promise<StoredRow | null>;

  /** Adds an account, or takes it out of the trash, unless it stands there. @returns the row as it is now */
  stand(id: string, json: JsonObject): Promise<StoredRow>;

  /**
   * Puts an account in the trash, or takes it out as it is.
   *
   * @param version - the least that the row has then
   * @returns the row as it is now; null: there is none
   */
  mark(id: string, as: 'removed' | 'present', version?: number): Promise<StoredRow | null>;

  /** Writes what memory knows over an older version of a row. Nothing where the row has another version by now. */
  heal(id: string, older: number | null, json: JsonObject, version: number): Promise<StoredRow | null>;
}
