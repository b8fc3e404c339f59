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
  /** Path of its control socket. */
  socket: v.optional(v.string()),
});

/** Who holds a data directory. */
export type Owner = v.InferOutput<typeof OwnerSchema>;

/** What a lock file's text says of its owner; null where it says nothing of use. */
export function ownerIn(text: string): Owner | null {
  const owner = v.safeParse(OwnerSchema, jsonOf(text));
  return owner.success ? owner.output : null;
}

/** The same of a file; null also where there is none. */
export function readOwner(file: string): Owner | null {
  try {
    return ownerIn(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Who holds a data directory now, for whoever only asks; null: nobody does.
 *
 * Whoever the file names and who lives is it. Where that says nothing (a crash, or a process that cannot be seen from this
 * container), the lock itself is asked, for a moment.
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
    // it cannot be locked at all: the text is all there is
    return false;
  } finally {
    closeSync(fd);
  }
}
