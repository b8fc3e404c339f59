import type { Account } from './account.js';
import type { Patch } from './patches.js';
import type { StoredAccount, View } from './stored-account.js';
import { RegrantError } from '../ground/errors.js';
import type { JsonObject } from '../ground/json.js';

/** The folder of the accounts cannot be listed. */
export class AccountsUnlistable extends RegrantError {
  readonly code = 'ACCOUNTS_UNLISTABLE';
}

/** An account cannot be brought back: there is one of its name again, or its file cannot be moved. */
export class NotBroughtBack extends RegrantError {
  readonly code = 'NOT_BROUGHT_BACK';
}

/** What another program did to an account, as far as it can be seen. null: not there. */
export interface Noticed {
  readonly id: string;
  readonly file: string;
  readonly before: View | null;
  readonly after: View | null;
}

/**
 * Where the accounts are kept. Memory holds them all, so that a look at one costs nothing; a change is in memory at once
 * and kept for good when its promise resolves. Others may change what is kept at any time, and memory follows.
 */
export interface AccountStore {
  /** Why memory is older than what is kept, until a reload or until that is back; null: it is not. */
  readonly held: string | null;

  /** Every account, in the order of their names. */
  list(): readonly StoredAccount[];

  get(id: string): StoredAccount | undefined;

  /** An account's whole JSON as in memory; null where it never was readable. Not to be changed. */
  json(id: string): JsonObject | null;

  /** Calls `listener` with the ids of what changed, after each change and reload. */
  onChange(listener: (ids: readonly string[]) => void): () => void;

  /** Calls `listener` with what other programs changed, after the listeners of `onChange`. */
  onNoticed(listener: (changes: readonly Noticed[]) => void): () => void;

  /**
   * Changes an account: in memory at once, and for good when the promise resolves.
   *
   * @throws {NotSaved} the first write failed; the change stays in memory and its write is tried again
   */
  patch(id: string, patch: Patch): Promise<void>;

  /**
   * Takes in a new account, and keeps it.
   *
   * @throws {NotSaved} as in `patch`
   */
  create(id: string, json: JsonObject): Promise<void>;

  /** Moves what is kept of an account to the file `target` (0600) for good and forgets the account. */
  moveAway(id: string, target: string): Promise<void>;

  /**
   * Brings a removed account back; one that stands there already is never replaced.
   *
   * @throws {NotBroughtBack}
   */
  bringBack(id: string, from: string): Promise<void>;

  /**
   * The account as it is kept this moment, with what we have not written yet; what differs from memory is taken in.
   * Null where there is no such account any more; the last good copy where what is kept cannot be read.
   */
  readNow(id: string): Account | null;

  /** Takes what is kept as it is, also where most of it is gone. @throws {AccountsUnlistable} nothing was changed */
  reload(): Promise<void>;

  /** Takes in what other programs did, in one step. If most of the accounts vanish at once, `held` says so. */
  reread(): Promise<void>;

  /** Notices what other programs do, within a second, until the returned function is called. */
  follow(): () => void;

  /** Waits until every change is kept, or failed once more; returns what is not saved. */
  flush(): Promise<readonly StoredAccount[]>;

  /** Lets go of what is open; nothing is written any more. */
  close(): void;
}
