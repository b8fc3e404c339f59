import { randomBytes } from 'node:crypto';
import { close, closeSync, constants, existsSync, lstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { readdir, readFile, unlink } from 'node:fs/promises';
import path from 'node:path';
import { readOpenFile } from './text-file.js';
import { systemDisk, type Disk } from './disk.js';
import { systemCode } from '../ground/errors.js';

/** The name of a temporary file, from which alone a start can tell what a crash left behind; never ends in `.json`. */
const STRAY = /^\.regrant-[0-9a-f]{16}$/;

/** The name of conf's temporary files; conf writes the settings. */
const SETTINGS_STRAY = /^settings\.json\.tmp-\d{10}[0-9a-f]{6}$/;

/** Whether a file is a temporary one that a write of ours makes beside another. */
export const isTemporary = (file: string): boolean => STRAY.test(path.basename(file));

/** The path of a temporary file beside `file`, which will be renamed to `file`. */
export const temporaryBeside = (file: string): string =>
  path.join(path.dirname(file), `.regrant-${randomBytes(8).toString('hex')}`);

/**
 * Replaces a file of our own so that a crash at any moment leaves the old or the new content, whole, and the new one
 * durably once this resolves: temporary file beside it, fsync, rename, fsync of the folder. Mode 0600.
 */
export async function writeDurably(file: string, content: string, disk: Disk = systemDisk): Promise<void> {
  const temporary = await writeTemporary(file, content, disk);
  await orRemove(temporary, disk, () => disk.rename(temporary, file));
  await disk.syncFolder(path.dirname(file));
}

/**
 * Appends to a file of our own (0600), durable once this resolves. A crash or a full disk may leave a part of the text.
 *
 * @param isNew - the file does not exist yet
 */
export async function appendDurably(file: string, text: string, disk: Disk, isNew: boolean): Promise<void> {
  await disk.append(file, text, true);
  if (isNew) await disk.syncFolder(path.dirname(file));
}

/**
 * Like `writeDurably`, for a file that must not exist yet; fails with `EEXIST` where it does, and leaves that file
 * alone.
 */
export async function createDurably(file: string, content: string | Buffer, disk: Disk = systemDisk): Promise<void> {
  const temporary = await writeTemporary(file, content, disk);
  await orRemove(temporary, disk, () => nameAnew(temporary, file, disk));
  await disk.syncFolder(path.dirname(file));
}

/**
 * Moves a file durably to a name that is free: rename, then fsync of both folders. Where a rename will not do, it is
 * copied (0600): to another file system, and for a symbolic link, whose target might not be found from the new folder.
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

/** Removes a file durably. */
export async function removeDurably(file: string, disk: Disk = systemDisk): Promise<void> {
  await disk.remove(file);
  await disk.syncFolder(path.dirname(file));
}

/** The old file after a replacement, still open: a program that opened it before may yet write into it. */
export interface PushedAside {
  /** What the old file says now; null where that is no text, or too much of it. */
  read(): string | null;
  close(): void;
}

/** How a replacement ended. */
export interface Replaced {
  readonly aside: PushedAside;
  /**
   * Set: the new content is in place, but the folder could not be synced, and a power cut might bring the old content
   * back.
   */
  readonly syncFailed: unknown;
}

/** What to do where a file cannot be replaced by another, as on a mount point. @param error - the reason */
export type Otherwise = (target: string, error: unknown) => Promise<Replaced | null>;

const fails: Otherwise = (_target, error) => {
  throw error;
};

/**
 * Replaces a file that other programs write too, if it still says `expected`. As durable as `writeDurably`, but the
 * caller gets the old file: the two files change places in one step, so that even what another program renamed or wrote
 * there at the last moment is not lost. Where the file system cannot do that, a rename replaces the file, and only what
 * is written into the old file can still be read.
 *
 * @returns null where the file says something else by now, or is gone: read it again
 */
export async function replaceShared(
  file: string,
  content: string,
  expected: string,
  disk: Disk = systemDisk,
  otherwise: Otherwise = fails,
): Promise<Replaced | null> {
  const target = realName(file);
  if (target === null) return null;
  const temporary = await writeTemporary(target, content, disk);
  const old = await orRemove(temporary, disk, () => pushAside(temporary, target, expected, disk));
  if (old === null) {
    await disk.remove(temporary);
    return null;
  }
  if (old instanceof NotRenamed) {
    await disk.remove(temporary).catch(ignore);
    return otherwise(target, old.cause);
  }
  let syncFailed: unknown = null;
  await disk.syncFolder(path.dirname(target)).catch((error: unknown) => (syncFailed = error));
  if (old.temporary) await disk.remove(temporary).catch(ignore);
  return {
    // in a thread of its own: with the last name gone, the system frees the file's blocks then
    aside: { read: () => readOpenFile(old.fd), close: () => close(old.fd, ignore) },
    syncFailed,
  };
}

/** Makes a folder (0700) durably, unless it exists already. */
export async function makeFolderDurably(folder: string, disk: Disk = systemDisk): Promise<void> {
  try {
    await disk.makeFolder(folder);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  await disk.syncFolder(path.dirname(folder));
}

/** Removes temporary files that a crash left in `folder`. Only the holder of the instance lock may call it. */
export async function removeStrays(folder: string): Promise<void> {
  const strays = (await readdir(folder)).filter((name) => STRAY.test(name) || SETTINGS_STRAY.test(name));
  await Promise.all(strays.map((name) => unlink(path.join(folder, name)).catch(ignore)));
}

/** Makes a new file beside `file` with this content, synced to disk. */
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

/** The owner to give a new file to, where that is another user: root must not take a user's file away from him. */
function foreignOwner(file: string): { readonly uid: number; readonly gid: number } | null {
  if (process.geteuid?.() !== 0) return null;
  const found = statSync(file, { throwIfNoEntry: false }) ?? statSync(path.dirname(file));
  return found.uid === 0 ? null : found;
}

/** This file cannot be replaced by another, for this reason. */
class NotRenamed {
  constructor(readonly cause: unknown) {}
}

/** Puts the new file in the old one's place; null: the old file does not say `expected` any more. */
async function pushAside(
  temporary: string,
  target: string,
  expected: string,
  disk: Disk,
): Promise<{ readonly fd: number; readonly temporary: boolean } | NotRenamed | null> {
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
  // what another program puts there after this look is lost, so the look is as late as possible
  const fd = openIfSays(target, expected);
  if (fd === null) return null;
  try {
    await disk.rename(temporary, target);
  } catch (error) {
    closeSync(fd);
    if (systemCode(error) === 'ENOENT') throw error;
    return new NotRenamed(error);
  }
  return { fd, temporary: false };
}

/** The file, open, if it says `expected`; null: it says something else, or is gone. */
export function openIfSays(target: string, expected: string): number | null {
  const fd = openOrNull(target);
  if (fd === null || readOpenFile(fd) === expected) return fd;
  closeSync(fd);
  return null;
}

/** The error codes by which file systems and kernels without an exchange of two names refuse one. */
const NO_EXCHANGE = new Set(['ENOSYS', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOTTY', 'EPERM']);

/** Codes with which a rename would fail too: the file is gone, or the directory is not this process's any more. */
const LOST = new Set(['ENOENT', 'LOCK_LOST', 'LOCK_RELEASED', 'RESTARTING']);

async function exchanged(one: string, other: string, disk: Disk): Promise<boolean> {
  try {
    await disk.exchange(one, other);
    return true;
  } catch (error) {
    // for any other reason a rename may work, and if it does not, its error says best why
    if (LOST.has(systemCode(error))) throw error;
    return false;
  }
}

/** Gives a file another name, which must be free. Where there are no hard links, it looks first and then renames. */
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

/**
 * The link's target where `file` is a symbolic link, since the link has to stay; else `file` itself. Null where neither
 * exists.
 */
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

/** Ignores a temporary file that cannot be removed: the next start removes it. */
const ignore = (): void => undefined;
