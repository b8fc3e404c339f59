import type { Clock } from '../ground/clock.js';
import type { Disk } from '../disk/disk.js';
import { FileWatch } from '../disk/file-watch.js';
import { readKeys, writeKeys, type KeyChanges, type StoredKeys } from './key-file.js';

/** Where client keys are saved. */
export interface KeyStore {
  /** Every key as it is saved now, by its name. @throws {SettingsError | CannotRun} they cannot be read */
  read(): StoredKeys;
  /**
   * Changes keys, all at once, as they are saved at that moment.
   *
   * @throws {SettingsError} what would stand there is not allowed, or it cannot be saved; nothing is changed then
   */
  write(changes: KeyChanges): Promise<void>;
  /** Calls `changed` whenever somebody else may have changed them, until the returned function is called. */
  follow(changed: () => void): () => void;
}

/** The keys in `keys.json`. */
export const keysInFile = (file: string, clock: Clock, disk: Disk): KeyStore => ({
  read: () => readKeys(file),
  write: (changes) => writeKeys(file, changes, disk),
  follow: (changed) => {
    const watch = new FileWatch(file, clock, changed);
    watch.start();
    return () => watch.stop();
  },
});
