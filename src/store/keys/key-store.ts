import { existsSync } from 'node:fs';
import type { Clock } from '../ground/clock.js';
import type { Disk } from '../disk/disk.js';
import { FileWatch } from '../disk/file-watch.js';
import { FileGone } from '../settings/settings-error.js';
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

/** The keys in `keys.json`. One that was there and is gone is a fault: it would end whatever any client has open. */
export function keysInFile(file: string, clock: Clock, disk: Disk): KeyStore {
  let wasThere = false;
  const prove = (): void => {
    if (existsSync(file)) wasThere = true;
    else if (wasThere) throw new FileGone(file);
  };
  return {
    read: () => {
      prove();
      return readKeys(file);
    },
    write: async (changes) => {
      prove();
      await writeKeys(file, changes, disk);
      wasThere = true;
    },
    follow: (changed) => {
      const watch = new FileWatch(file, clock, changed);
      watch.start();
      return () => watch.stop();
    },
  };
}
