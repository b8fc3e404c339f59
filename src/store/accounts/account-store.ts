import type { Account } from './account.js';
import type { Patch } from './patches.js';
import type { StoredAccount, View } from './stored-account.js';
import { RegrantError, type Saying } from '../ground/errors.js';
import { saying } from '../words/saying.js';
import type { JsonObject } from '../ground/json.js';

/** The folder of the accounts cannot be listed. */
export class AccountsUnlistable extends RegrantError {
  readonly code = 'ACCOUNTS_UNLISTABLE';
}

/** An account cannot be brought back: another file has its name by now, or its own file cannot be moved. */
export class NotBroughtBack extends RegrantError {
  readonly code = 'NOT_BROUGHT_BACK';

  constructor(name: string, why: Saying) {
    super(saying('{name} is not brought back: {why}', { name, why }));
  }
}

/**
 * What another program did to an account, as far as it can be seen: the account before and after. null: there was none.
 */
export interface Noticed {
  readonly id: string;
  readonly file: string;
  readonly before: View | null;
  readonly after: View | null;
}

/**
 * Where the accounts are kept. Memory holds them all, so that looking at one costs nothing; a change is in memory at
 * once, and is saved when its promise resolves. Other programs may change the saved accounts at any time, and memory
 * follows.
 */
export interface AccountStore {
  /**
   * Why memory is deliberately kept older than what is saved, until a reload or until the missing accounts are back;
   * null: it is not.
   */
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
   * Calls `listener` once for each account whose file has to be overwritten in place, with the reason why it cannot be
   * replaced.
   */
  onWrittenInPlace(listener: (id: string, reason: string) => void): () => void;

  /**
   * Changes an account: in memory at once, and saved when the promise resolves.
   *
   * @throws {NotSaved} the first write failed; the change stays in memory and its write is tried again
   */
  patch(id: string, patch: Patch): Promise<void>;

  /**
   * Adds a new account and saves it.
   *
   * @throws {NotSaved} as in `patch`
   */
  create(id: string, json: JsonObject): Promise<void>;

  /** Moves what is saved of an account durably to the file `target` (0600) and forgets the account. */
  moveAway(id: string, target: string): Promise<void>;

  /**
   * Brings a removed account back; an account that exists already is never replaced.
   *
   * @throws {NotBroughtBack}
   */
  bringBack(id: string, from: string): Promise<void>;

  /**
   * The account as it is saved at this moment, with our changes that are not written yet; memory is brought up to date
   * with it. Null where the account does not exist any more; the last good copy where the saved one cannot be read.
   */
  readNow(id: string): Promise<Account | null>;

  /**
   * Accepts the saved accounts as they are, even where most of them are gone. @throws {AccountsUnlistable} nothing was
   * changed
   */
  reload(): Promise<void>;

  /**
   * Takes the changes of other programs into memory, in one step. If most of the accounts vanish at once, `held` says
   * so.
   */
  reread(): Promise<void>;

  /** Notices what other programs do, within a second, until the returned function is called. */
  follow(): () => void;

  /** Waits until every change is kept, or failed once more; returns what is not saved. */
  flush(): Promise<readonly StoredAccount[]>;

  /** Releases what is open; nothing is written any more. */
  close(): void;
}
