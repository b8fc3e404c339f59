import { constants } from 'node:fs';
import { open, readdir, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { writeFile } from 'atomically';

/** Told by the name alone, so that a start can clear what a crash left behind; never ends in `.json`. */
const STRAY = /\.tmp-\d{10}[0-9a-f]{6}$/;

/**
 * Replaces a file so that a crash at any moment leaves the old or the new content, whole, and the new one for good once
 * this resolves: temporary file beside it, fsync, rename, fsync of the folder. Mode 0600.
 *
 * The content goes in as a stream because the library writes a string in one call and would take a short write (a disk
 * that fills up) for a whole one. The folder's fsync is ours: no library of this kind does it.
 */
export async function writeDurably(file: string, content: string): Promise<void> {
  await writeFile(file, Readable.from([Buffer.from(content)]), { mode: 0o600, timeout: 0 });
  await syncFolder(path.dirname(file));
}

/** Moves a file for good: rename, then fsync of both folders. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(path.dirname(to));
  if (path.dirname(from) !== path.dirname(to)) await syncFolder(path.dirname(from));
}

/** Makes what was renamed or removed in `folder` survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes temporary files that a crash left in `folder`; returns how many. Only for the owner of the instance lock. */
export async function removeStrays(folder: string): Promise<number> {
  const strays = (await readdir(folder)).filter((name) => STRAY.test(name));
  await Promise.all(strays.map((name) => unlink(path.join(folder, name)).catch(() => undefined)));
  return strays.length;
}
