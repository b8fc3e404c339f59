import { closeSync } from 'node:fs';
import type { Disk } from './disk.js';
import { openIfSays, type Replaced } from './durable.js';

/** Keeps a durable copy of what a file says; the returned function removes it. @throws the system's error */
export type KeepCopy = (text: string) => Promise<() => Promise<void>>;

/**
 * Overwrites a file in place, if it still says `expected`: for files that cannot be replaced. A copy of it is kept
 * until the new text is synced, since after a crash in between the file has neither.
 *
 * @returns null where the file says something else by now, or is gone
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
    // a full disk has space for what was there before
    await disk.overwrite(file, Buffer.from(expected)).then(dropCopy, () => undefined);
    throw error;
  }
  await dropCopy();
  // the file was not replaced: a program that has it open writes into the same file
  return { aside: { read: () => expected, close: () => undefined }, syncFailed: null };
}
