import { randomBytes } from 'node:crypto';
import { closeSync, constants, existsSync, lstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { readdir, readFile, unlink } from 'node:fs/promises';
import path from 'node:path';
import { readOpenFile } from './text-file.js';
import { systemDisk, type Disk } from './disk.js';
import { systemCode } from '../ground/errors.js';

/** Told by the name alone, so that a start can clear what a crash left behind; never ends in `.json`. */
const STRAY = /^\.regrant-[0-9a-f]{16}$/;

/** The same of conf, which writes the settings. */
const SETTINGS_STRAY = /^settings\.json\.tmp-\d{10}[0-9a-f]{6}$/;

/** Whether a file is one that a write of ours puts beside another. */
export const isTemporary = (file: string): boolean => STRAY.test(path.basename(file));

/** A name for a new file that is to take the place of `file`, or a name beside it. */
export const temporaryBeside = (file: string): string =>
  path.join(path.dirname(file), `.regrant-${randomBytes(8).toString('hex')}`);

/**
 * Replaces a file of our own so that a crash at any moment leaves the old or the new content, whole, and the new one for
 * good once this resolves: temporary file beside it, fsync, rename, fsync of the folder. Mode 0600.
 */
export async function writeDurably(file: string, content: string, disk: Disk = systemDisk): Promise<void> {
  const temporary = await writeTemporary(file, content, disk);
  await orRemove(temporary, disk, () => disk.rename(temporary, file));
  await disk.syncFolder(path.dirname(file));
}

/** The same for a file that must not stand yet; fails with `EEXIST` where it does, and leaves that one alone. */
export async function createDurably(file: string, content: string | Buffer, disk: Disk = systemDisk): Promise<void> {
  const temporary = await writeTemporary(file, content, disk);
  await orRemove(temporary, disk, () => nameAnew(temporary, file, disk));
  await disk.syncFolder(path.dirname(file));
}

/**
 * Moves a file for good to a name that is free: rename, then fsync of both folders. Where a rename will not do, it is
 * copied (0600): to another file system, and what a link names, which might name nothing from there.
 */
export async function moveDurably(from: string, to: string, disk: Disk = systemDisk): Promise<void> {
  if (isLinkToFile(from) || !(await renamed(from, to, disk))) {
    await createDurably(to, await readFile(from), disk);
    await removeDurably(from, disk);
    return;
  }
  await disk.syncFolder(path.dirname(to));
  if (path.dirname(from) !== path.dirname(to)) await disk.syncFolder(path.dirname(from));
}

const isLinkToFile = (file: string): boolean =>
  lstatSync(file).isSymbolicLink() && statSync(file, { throwIfNoEntry: false })?.isFile() === true;

/** False where the two names lie on different file systems. */
async function renamed(from: string, to: string, disk: Disk): Promise<boolean> {
  try {
    await disk.rename(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EXDEV') return false;
    throw error;
  }
}

/** Removes a file for good. */
export async function removeDurably(file: string, disk: Disk = systemDisk): Promise<void> {
  await disk.remove(file);
  await disk.syncFolder(path.dirname(file));
}

/** The file that a replacement pushed aside, still open: a program that opened it before may yet write into it. */
export interface PushedAside {
  /** What it says now; null where that is no text, or too much of it. */
  read(): string | null;
  close(): void;
}

/** How a replacement ended. */
export interface Replaced {
  readonly aside: PushedAside;
  /** The new content stands, but the folder could not be synced: a power cut might bring the old one back. */
  readonly syncFailed: unknown;
}

/**
 * Replaces a file that other programs write too, if it still says `expected`. As durable as `writeDurably`, but what is
 * pushed aside comes back to the caller: the two files change places in one step, so that even what another program
 * renamed or wrote there at the last moment is not lost. Where the file system cannot do that, a rename takes its place,
 * and only what is written into the old file stays in sight.
 *
 * @returns null where the file says something else by now, or is gone: read it again
 */
export async function replaceShared(
  file: string,
  content: string,
  expected: string,
  disk: Disk = systemDisk,
): Promise<Replaced | null> {
  const target = realName(file);
  if (target === null) return null;
  const temporary = await writeTemporary(target, content, disk);
  const old = await orRemove(temporary, disk, () => pushAside(temporary, target, expected, disk));
  if (old === null) {
    await disk.remove(temporary);
    return null;
  }
  let syncFailed: unknown = null;
  await disk.syncFolder(path.dirname(target)).catch((error: unknown) => (syncFailed = error));
  if (old.temporary) await disk.remove(temporary).catch(ignore);
  return {
    aside: { read: () => readOpenFile(old.fd), close: () => closeSync(old.fd) },
    syncFailed,
  };
}

/** Makes a folder (0700) for good, unless it stands already. */
export async function makeFolderDurably(folder: string, disk: Disk = systemDisk): Promise<void> {
  try {
    await disk.makeFolder(folder);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  await disk.syncFolder(path.dirname(folder));
}

/** Removes temporary files that a crash left in `folder`. Only for the owner of the instance lock. */
export async function removeStrays(folder: string): Promise<void> {
  const strays = (await readdir(folder)).filter((name) => STRAY.test(name) || SETTINGS_STRAY.test(name));
  await Promise.all(strays.map((name) => unlink(path.join(folder, name)).catch(ignore)));
}

/** A new file beside `file` with this content, on the platter. */
async function writeTemporary(file: string, content: string | Buffer, disk: Disk): Promise<string> {
  const temporary = temporaryBeside(file);
  const fd = await disk.create(temporary);
  return orRemove(temporary, disk, async () => {
    try {
      const owner = foreignOwner(file);
      if (owner !== null) await disk.chown(fd, owner.uid, owner.gid);
      await disk.write(fd, typeof content === 'string' ? Buffer.from(content) : content);
      await disk.sync(fd);
    } finally {
      await disk.close(fd);
    }
    return temporary;
  });
}

/** Root that mends a user's directory must not take the file away from him. */
function foreignOwner(file: string): { readonly uid: number; readonly gid: number } | null {
  if (process.geteuid?.() !== 0) return null;
  const found = statSync(file, { throwIfNoEntry: false }) ?? statSync(path.dirname(file));
  return found.uid === 0 ? null : found;
}

/** Puts the new file in the old one's place; null: that one does not say `expected` any more. */
async function pushAside(
  temporary: string,
  target: string,
  expected: string,
  disk: Disk,
): Promise<{ readonly fd: number; readonly temporary: boolean } | null> {
  const looked = openIfSays(target, expected);
  if (looked === null) return null;
  closeSync(looked);
  try {
    if (await exchanged(temporary, target, disk)) {
      return { fd: openSync(temporary, constants.O_RDONLY | constants.O_NONBLOCK), temporary: true };
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
  // what another program puts there from here on is lost: the last look is as late as it can be
  const fd = openIfSays(target, expected);
  if (fd === null) return null;
  try {
    await disk.rename(temporary, target);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return { fd, temporary: false };
}

/** The file, open, if it says `expected`; null: it says something else, or is gone. */
function openIfSays(target: string, expected: string): number | null {
  const fd = openOrNull(target);
  if (fd === null || readOpenFile(fd) === expected) return fd;
  closeSync(fd);
  return null;
}

/** File systems and kernels without an exchange say so in one of these words. */
const NO_EXCHANGE = new Set(['ENOSYS', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOTTY', 'EPERM']);

async function exchanged(one: string, other: string, disk: Disk): Promise<boolean> {
  try {
    await disk.exchange(one, other);
    return true;
  } catch (error) {
    if (NO_EXCHANGE.has(systemCode(error))) return false;
    throw error;
  }
}

/** Gives a file another name that must be free. File systems without hard links get a rename after a look. */
async function nameAnew(temporary: string, file: string, disk: Disk): Promise<void> {
  try {
    await disk.link(temporary, file);
  } catch (error) {
    if (!NO_EXCHANGE.has(systemCode(error)) || existsSync(file)) throw error;
    await disk.rename(temporary, file);
    return;
  }
  await disk.remove(temporary).catch(ignore);
}

/** The file itself where `file` is a symbolic link, which has to stay one; null where nothing stands there. */
function realName(file: string): string | null {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return null;
  return found.isSymbolicLink() ? realpathSync(file) : file;
}

function openOrNull(file: string): number | null {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function orRemove<T>(temporary: string, disk: Disk, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    await disk.remove(temporary).catch(ignore);
    throw error;
  }
}

/** A temporary file that cannot be removed is cleared at the next start. */
const ignore = (): void => undefined;
