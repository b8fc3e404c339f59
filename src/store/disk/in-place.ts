import { closeSync } from 'node:fs';
import type { Disk } from './disk.js';
import { openIfSays, type Replaced } from './durable.js';

/** Keeps a copy of what a file says, safe from a crash; what comes back takes the copy away. @throws the system's error */
export type KeepCopy = (text: string) => Promise<() => Promise<void>>;

/**
 * Writes a file in its place, if it still says `expected`: for files that nothing can take the place of. A copy of what it
 * says is kept first, and until the new text is on the platter, since a crash meanwhile leaves neither.
 *
 * @returns null where the file says something else by now, or is gone: read it again
 * @throws the system's error: no copy is safe, and nothing was written; or it was written, and says what it did
 */
export async function overwriteShared(
  file: string,
  content: string,
  expected: string,
  keepCopy: KeepCopy,
  disk: Disk,
): Promise<Replaced | null> {
  const dropCopy = await keepCopy(expected);
  const fd = openIfSays(file, expected);
  if (fd === null) {
    await dropCopy();
    return null;
  }
  closeSync(fd);
  try {
    await disk.overwrite(file, Buffer.from(content));
  } catch (error) {
    // a disk that is full takes back what it had
    await disk.overwrite(file, Buffer.from(expected)).then(dropCopy, () => undefined);
    throw error;
  }
  await dropCopy();
  // nothing was pushed aside: who has the file open writes into what stands there
  return { aside: { read: () => expected, close: () => undefined }, syncFailed: null };
}
