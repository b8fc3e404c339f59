import { saying } from '../words/saying.js';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { tryLock, unlock } from './native-files.js';
import * as v from 'valibot';
import { CannotRun, messageOf, systemCode } from '../ground/errors.js';
import { jsonOf } from '../ground/json.js';
import { isAlive } from './process-identity.js';

const OwnerSchema = v.object({
  pid: v.number(),
  started: v.optional(v.string()),
  boot: v.optional(v.string()),
  /** `host:port` of the proxy, once it listens. */
  address: v.optional(v.string()),
  /** Path of the supervisor's control socket. */
  socket: v.optional(v.string()),
});

/** The process that holds a data directory. */
export type Owner = v.InferOutput<typeof OwnerSchema>;

/** What a lock file's text says of its owner; null where it says nothing usable. */
export function ownerIn(text: string): Owner | null {
  const owner = v.safeParse(OwnerSchema, jsonOf(text));
  return owner.success ? owner.output : null;
}

/** What a lock file says of its owner; null also where there is no file. */
export function readOwner(file: string): Owner | null {
  try {
    return ownerIn(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * The process that holds a data directory now, for a caller that only asks; null: none does.
 *
 * It is the one that the file names, if that is alive. If the file says nothing (a crash, or a process that cannot be
 * seen from this container), the lock itself is tried for a moment.
 */
export function livingOwner(file: string): Owner | null {
  const owner = readOwner(file);
  if (owner === null || isAlive(owner)) return owner;
  return isHeld(file) ? owner : null;
}

function isHeld(file: string): boolean {
  let fd: number;
  try {
    fd = openSync(file, 'r+');
  } catch {
    return false;
  }
  try {
    const isFree = tryLock(fd);
    if (isFree) unlock(fd);
    return !isFree;
  } catch {
    // it cannot be locked at all: only the text counts
    return false;
  } finally {
    closeSync(fd);
  }
}

/** Another process writes this data directory. */
export class DirectoryLocked extends CannotRun {
  constructor(
    readonly directory: string,
    readonly owner: Owner | null,
  ) {
    const runs = { directory, pid: owner?.pid ?? 0, address: owner?.address ?? '' };
    const text =
      owner === null
        ? saying(
            'regrant already runs on {directory} (another process); look with `regrant status`, end it with `regrant stop`',
            { directory },
          )
        : owner.address === undefined
          ? saying(
              'regrant already runs on {directory} (pid {pid}); look with `regrant status`, end it with `regrant stop`',
              runs,
            )
          : saying(
              'regrant already runs on {directory} (pid {pid}, proxy at {address}); look with `regrant status`, end it with `regrant stop`',
              runs,
            );
    super('LOCKED', text);
  }
}

/** Another process has taken the data directory from this one, which writes nothing there any more. */
export class LockLost extends CannotRun {
  constructor(readonly owner: Owner | null) {
    const { pid: own } = process;
    super(
      'LOCK_LOST',
      owner === null
        ? saying('another regrant has taken over the data directory; this one (pid {own}) writes nothing there', {
            own,
          })
        : saying(
            'another regrant (pid {pid}) has taken over the data directory; this one (pid {own}) writes nothing there',
            { pid: owner.pid, own },
          ),
    );
  }
}

/** This process has let the data directory go, and writes nothing there any more. */
export class LockReleased extends CannotRun {
  constructor() {
    const { pid } = process;
    super(
      'LOCK_RELEASED',
      saying('this regrant (pid {pid}) has let the data directory go, and writes nothing there', { pid }),
    );
  }
}

/** This process gave the data directory to its successor, and writes nothing there any more. */
export class HandedOver extends CannotRun {
  constructor() {
    super('RESTARTING', saying('regrant restarts just now, so nothing is written at this moment: try it again'));
  }
}

/** The errno ENOLCK on Linux; Node has no name for it. */
const ENOLCK = 37;

/** The error codes by which file systems that cannot lock refuse a lock. */
const CANNOT_LOCK = new Set(['ENOLCK', 'EINVAL', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EPERM']);

/** Takes the kernel's lock on an open file; false: another process has it. @throws the system's error */
export type TryLock = (fd: number) => boolean;

/** @returns why the kernel's lock could not be had, so that only the file's content counts; null: the lock is held */
export function lockKernel(fd: number, file: string, directory: string, tryToLock: TryLock): string | null {
  try {
    if (tryToLock(fd)) return null;
  } catch (error) {
    const code = errnoOf(error);
    if (!CANNOT_LOCK.has(code)) throw error;
    const owner = readOwner(file);
    if (owner !== null && owner.pid !== process.pid && isAlive(owner)) throw new DirectoryLocked(directory, owner);
    return cannotLockText(code);
  }
  throw new DirectoryLocked(directory, readOwner(file));
}

/** Why the file system cannot lock; null: it can. The lock is held already. */
export function whyUnlockable(fd: number): string | null {
  try {
    tryLock(fd);
    return null;
  } catch (error) {
    return cannotLockText(errnoOf(error));
  }
}

const cannotLockText = (code: string): string => `the file system cannot lock (${code})`;

/** The system's error code, also where Node has no name for it: `Unknown system error -37`. */
function errnoOf(error: unknown): string {
  const code = systemCode(error);
  const number = Number(/-(\d+)$/.exec(code || messageOf(error))?.[1] ?? NaN);
  return (
    Object.entries(constants.errno).find(([, known]) => known === number)?.[0] ?? (number === ENOLCK ? 'ENOLCK' : code)
  );
}
