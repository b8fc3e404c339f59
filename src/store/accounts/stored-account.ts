import type { Account } from './account.js';
import { RegrantError } from '../ground/errors.js';
import { read, saying } from '../words/saying.js';

/** An account file as the store knows it now: what is on disk, with our own changes that are not on disk yet. */
export interface StoredAccount {
  /** The file's name without `.json`. */
  readonly id: string;
  /** The file's name. */
  readonly file: string;
  /** The last good copy; null where there never was one. A new object only when something in it changed. */
  readonly account: Account | null;
  /** Set: the file cannot be used as it is on disk now, and why. */
  readonly unreadable: string | null;
  /** The file was gone at the last reading, but the account is kept, in memory only. */
  readonly held: boolean;
  /** Why a change of ours is not on disk yet; null: nothing failed. */
  readonly notSaved: string | null;
  /**
   * What would be lost if the program ended now, in plain words; empty where everything is on disk, if only on this
   * machine's while a database is away.
   */
  readonly unsaved: readonly string[];
}

/** What an operator knows it by: its file, or the e-mail of an account that has none. */
export const knownBy = ({ id, file, account }: Pick<StoredAccount, 'id' | 'file' | 'account'>): string =>
  file === id ? (account?.email ?? id) : file;

/** What can be seen of an account at one moment. */
export type View = Pick<StoredAccount, 'account' | 'unreadable'>;

/** A change is in memory, but not on disk; the write is tried again. */
export class NotSaved extends RegrantError {
  readonly code = 'NOT_SAVED';

  /** @param name - its file, or the e-mail of one that has none */
  constructor(
    name: string,
    readonly reason: string,
  ) {
    super(
      saying('{file} is not saved: {why}; the change holds in memory, and the write is tried again', {
        file: name,
        why: read(reason),
      }),
    );
  }
}
