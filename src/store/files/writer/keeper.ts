import type { FileContent } from '../../accounts/account-file.js';
import type { View } from '../../accounts/stored-account.js';
import type { Disk } from '../../disk/disk.js';
import type { Clock } from '../../ground/clock.js';
import type { KeptText } from './kept-text.js';
import type { WriteSlots } from './write-slots.js';

/** What a reading found of a file that stands. */
export type Present = Exclude<FileContent, { kind: 'gone' }>;
export type Readable = Extract<FileContent, { kind: 'account' }>;
/** The same where nobody has asked yet for all that the file says. */
export type FirstFound = Pick<Readable, 'kind' | 'account'> & { readonly text: string | KeptText };

/** For a store where no copy of a file can be kept. */
export const noCopies: Keeper['keepCopy'] = () => Promise.reject(new Error('there is no place for one'));

/** What an account tells and asks the store that keeps it. */
export interface Keeper<Kept = unknown> {
  readonly clock: Clock;
  readonly disk: Disk;
  /** Where writes wait for their turn. */
  readonly slots: WriteSlots;
  /** Called when something that is shown changed. */
  changed(account: Kept): void;
  /** Called when another program changed the file. */
  noticed(account: Kept, before: View): void;
  /** Keeps a copy of what its file says. @throws the system's error */
  keepCopy(id: string, text: string): Promise<() => Promise<void>>;
  /** The account's file was overwritten in place, since it cannot be replaced, for this reason. */
  wroteInPlace(id: string, reason: string): void;
  /**
   * Asked when the account's file is gone: whether the account is dropped too, or kept because too many vanished at
   * once.
   */
  gone(account: Kept): 'forgotten' | 'held';
  /** Called when the file of a kept account is back. */
  back(account: Kept): void;
  /** Makes the folder of the files, where that is gone. @throws the system's error */
  folderStands(): Promise<void>;
}
