import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { swap } from './native-files.js';

/**
 * The calls by which files are changed, one system call each. Handed in, so that a test can record them, make one fail,
 * or stop between any two as a crash would.
 */
export interface Disk {
  /** Makes a new file (0600), which must not exist yet, and opens it for writing. */
  create(file: string): Promise<number>;
  /** Gives a new file to the owner of the file that it will replace. */
  chown(fd: number, uid: number, gid: number): Promise<void>;
  /** Writes all of the bytes. */
  write(fd: number, bytes: Uint8Array): Promise<void>;
  /** What was written survives a power cut once this resolves. */
  sync(fd: number): Promise<void>;
  close(fd: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Swaps the files of two names in one step that nobody can see half done. Not every file system can. */
  exchange(one: string, other: string): Promise<void>;
  /** Gives a file a second name; fails where that name is taken. */
  link(from: string, to: string): Promise<void>;
  remove(file: string): Promise<void>;
  /** Makes a folder (0700) in one that exists. */
  makeFolder(folder: string): Promise<void>;
  /** Appends to a file (0600), which need not exist yet. @param isSynced - it survives a power cut once this resolves */
  append(file: string, text: string, isSynced?: boolean): Promise<void>;
  /**
   * Writes this into an existing file, in place and synced. After a crash in between, the file has neither the old nor
   * the new content.
   */
  overwrite(file: string, bytes: Uint8Array): Promise<void>;
  /** What was created, renamed or removed in the folder survives a power cut once this resolves. */
  syncFolder(folder: string): Promise<void>;
}

const open = promisify(fs.open);
const truncate = promisify(fs.ftruncate);
const write = promisify(fs.write);
const fsync = promisify(fs.fsync);
const close = promisify(fs.close);

/** A disk that fills up writes a part, and fails only at the next call. */
async function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await write(fd, bytes, done, bytes.length - done, done);
    done += bytesWritten;
  }
}

/** The real disk. Descriptors are plain numbers: a call on a promise's FileHandle costs three times as much. */
export const systemDisk: Disk = {
  create: (file) => open(file, 'wx', 0o600),
  chown: promisify(fs.fchown),
  write: writeAll,
  sync: fsync,
  close,
  // synchronous, in some 20 µs: were it queued, another program's file could come between the last look and the
  // rename
  rename: (from, to) =>
    new Promise((done) => {
      fs.renameSync(from, to);
      done();
    }),
  exchange: swap,
  link: promisify(fs.link),
  remove: promisify(fs.unlink),
  makeFolder: (folder) => promisify(fs.mkdir)(folder, 0o700),
  append: (file, text, isSynced = false) => fs.promises.appendFile(file, text, { mode: 0o600, flush: isSynced }),
  overwrite: async (file, bytes) => {
    const fd = await open(file, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
    try {
      await writeAll(fd, bytes);
      await truncate(fd, bytes.length);
      await fsync(fd);
    } finally {
      await close(fd);
    }
  },
  syncFolder: async (folder) => {
    const fd = await open(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
    try {
      await fsync(fd);
    } finally {
      await close(fd);
    }
  },
};
