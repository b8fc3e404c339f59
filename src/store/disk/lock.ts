import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { tryLock, unlock } from 'fs-native-extensions';
import * as v from 'valibot';
import { CannotRun, reasonOf } from '../ground/errors.js';
import { jsonOf } from '../ground/json.js';

const OwnerSchema = v.object({
  pid: v.number(),
  /** `host:port` of the proxy, once it listens. */
  address: v.optional(v.string()),
  /** Path of its control socket. */
  socket: v.optional(v.string()),
});

/** Who holds a data directory. */
export type Owner = v.InferOutput<typeof OwnerSchema>;

/** Another process writes this data directory. */
export class DirectoryLocked extends CannotRun {
  constructor(
    readonly directory: string,
    readonly owner: Owner | null,
  ) {
    const who = owner === null ? 'another process' : `pid ${owner.pid}`;
    const where = owner?.address === undefined ? '' : `, proxy at ${owner.address}`;
    super(
      'LOCKED',
      `regrant already runs on ${directory} (${who}${where}); look with \`regrant status\`, end it with \`regrant stop\``,
    );
  }
}

/**
 * The right to write one data directory, held by at most one process.
 *
 * It is the kernel's lock on an open file, so it ends with the process however that dies, and no stale lock can be left.
 * The file's content only tells others who holds it.
 */
export class InstanceLock {
  private constructor(private readonly fd: number) {}

  /** @throws {DirectoryLocked} another process holds it */
  static acquire(file: string, directory: string): InstanceLock {
    const fd = openLockFile(file, directory);
    if (!tryLock(fd)) {
      closeSync(fd);
      throw new DirectoryLocked(directory, readOwner(file));
    }
    const lock = new InstanceLock(fd);
    lock.announce({ pid: process.pid });
    return lock;
  }

  /** Writes down who holds the lock. */
  announce(owner: Owner): void {
    ftruncateSync(this.fd);
    writeSync(this.fd, `${JSON.stringify(owner)}\n`, 0);
  }

  release(): void {
    ftruncateSync(this.fd);
    unlock(this.fd);
    closeSync(this.fd);
  }
}

function openLockFile(file: string, directory: string): number {
  try {
    // 'a+' creates it without emptying what the present owner wrote
    return openSync(file, 'a+', 0o600);
  } catch (error) {
    throw new CannotRun(
      'LOCK_FILE',
      `cannot lock the data directory ${directory}: ${file}: ${reasonOf(error)}; mend its permissions or name another with --data-dir`,
    );
  }
}

/** What the lock file says of its owner; null where it says nothing of use. */
export function readOwner(file: string): Owner | null {
  try {
    const owner = v.safeParse(OwnerSchema, jsonOf(readFileSync(file, 'utf8')));
    return owner.success ? owner.output : null;
  } catch {
    return null;
  }
}
