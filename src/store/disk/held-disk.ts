import type { Disk } from './disk.js';
import { isTemporary } from './durable.js';
import { LockReleased } from './lock-owner.js';
import type { InstanceLock } from './lock.js';

/** What the lock of a data directory can do. */
export type DirectoryLock = Pick<InstanceLock, keyof InstanceLock>;

const nothing = (): void => undefined;

/** The lock of who only reads: nobody is kept out, and nothing can be written. */
export const noLock: DirectoryLock = {
  ...{ lost: null, cannotLock: null, descriptor: -1, isOurs: false },
  ...{ lend: nothing, keep: nothing, follow: nothing, release: nothing, onChange: () => nothing },
  ...{ takeBack: () => Promise.resolve(), announce: () => Promise.resolve(), look: () => Promise.resolve() },
  prove: () => Promise.reject(new LockReleased()),
};

/**
 * A disk that first proves the lock on its directory, before each step that others would notice. Such a step fails with
 * {@link LockLost} once another process has the directory, with {@link LockReleased} once it was let go.
 */
export function heldDisk(lock: Pick<DirectoryLock, 'prove'>, disk: Disk): Disk {
  const proven =
    <G extends readonly unknown[], R>(act: (...given: G) => Promise<R>) =>
    async (...given: G): Promise<R> => {
      await lock.prove();
      return act(...given);
    };
  /**
   * The temporary file whose exchange was just proven: nothing may come between the last look at the file and its
   * rename.
   */
  let exchanging = '';
  const exchange = proven((one: string, other: string) => disk.exchange(one, other));
  const rename = proven((from: string, to: string) => disk.rename(from, to));
  const remove = proven((file: string) => disk.remove(file));
  return {
    ...disk,
    create: proven((file: string) => disk.create(file)),
    append: proven((file: string, text: string, isSynced?: boolean) => disk.append(file, text, isSynced)),
    overwrite: proven((file: string, bytes: Uint8Array) => disk.overwrite(file, bytes)),
    makeFolder: proven((folder: string) => disk.makeFolder(folder)),
    link: proven((from: string, to: string) => disk.link(from, to)),
    exchange: (one, other) => {
      exchanging = one;
      return exchange(one, other);
    },
    rename: (from, to) => (from === exchanging ? disk.rename(from, to) : rename(from, to)),
    // a temporary file of our own write can be removed in any case
    remove: (file) => (isTemporary(file) ? disk.remove(file) : remove(file)),
  };
}
