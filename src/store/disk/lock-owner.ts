import { closeSync, openSync, readFileSync } from 'node:fs';
import { tryLock, unlock } from 'fs-native-extensions';
import * as v from 'valibot';
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
