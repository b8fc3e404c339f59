import type { Disk } from './disk.js';
import { isTemporary } from './durable.js';
import type { InstanceLock } from './lock.js';

/**
 * The same disk, for as long as the lock on its directory stands: it is proven before each step that others would notice.
 * Each of these fails with {@link LockLost} once another process has the directory.
 */
export function heldDisk(lock: Pick<InstanceLock, 'prove'>, disk: Disk): Disk {
  const proven =
    <G extends readonly unknown[], R>(act: (...given: G) => Promise<R>) =>
    async (...given: G): Promise<R> => {
      await lock.prove();
      return act(...given);
    };
  /** Proven for its exchange a moment ago: between the last look at the file and its rename nothing may come. */
  let exchanging = '';
  const exchange = proven((one: string, other: string) => disk.exchange(one, other));
  const rename = proven((from: string, to: string) => disk.rename(from, to));
  const remove = proven((file: string) => disk.remove(file));
  return {
    ...disk,
    create: proven((file: string) => disk.create(file)),
    append: proven((file: string, text: string) => disk.append(file, text)),
    overwrite: proven((file: string, bytes: Uint8Array) => disk.overwrite(file, bytes)),
    makeFolder: proven((folder: string) => disk.makeFolder(folder)),
    link: proven((from: string, to: string) => disk.link(from, to)),
    exchange: (one, other) => {
      exchanging = one;
      return exchange(one, other);
    },
    rename: (from, to) => (from === exchanging ? disk.rename(from, to) : rename(from, to)),
    // what a write of ours left beside a file is nobody else's
    remove: (file) => (isTemporary(file) ? disk.remove(file) : remove(file)),
  };
}
