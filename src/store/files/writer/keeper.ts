import type { FileContent } from '../../accounts/account-file.js';
import type { View } from '../../accounts/stored-account.js';
import type { Disk } from '../../disk/disk.js';
import type { Clock } from '../../ground/clock.js';
import type { WriteSlots } from './write-slots.js';

/** What a reading found of a file that stands. */
export type Present = Exclude<FileContent, { kind: 'gone' }>;
export type Readable = Extract<FileContent, { kind: 'account' }>;

/** What an account has to tell whoever keeps it, and to ask of it. */
export interface Keeper<Kept = unknown> {
  readonly clock: Clock;
  readonly disk: Disk;
  /** Writes wait for their turn here. */
  readonly slots: WriteSlots;
  /** Something that is shown changed. */
  changed(account: Kept): void;
  /** Another program changed the file. */
  noticed(account: Kept, before: View): void;
  /** Its file is gone: whether the account goes with it, or too much vanished at once for that. */
  gone(account: Kept): 'forgotten' | 'held';
  /** The file of an account that was held is back. */
  back(account: Kept): void;
  /** Makes the folder of the files, where that is gone. @throws the system's error */
  folderStands(): Promise<void>;
}
