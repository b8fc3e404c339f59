import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { tryLock, unlock } from 'fs-native-extensions';
import * as v from 'valibot';
import { CannotRun, messageOf, reasonOf, systemCode } from '../ground/errors.js';
import { jsonOf } from '../ground/json.js';
import { identityOfThis, isAlive } from './process-identity.js';

/** On Linux; Node has no name for it. */
const ENOLCK = 37;

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

/** Takes the kernel's lock on an open file; false: another process has it. @throws the system's error */
export type TryLock = (fd: number) => boolean;

/** File systems that cannot lock say so in one of these words. */
const CANNOT_LOCK = new Set(['ENOLCK', 'EINVAL', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EPERM']);

/**
 * The right to write one data directory, held by at most one process.
 *
 * It is the kernel's lock on an open file, so it ends with the process however that dies, and no stale lock can be left.
 * The file's content only tells others who holds it; but where a file system cannot lock, it is all there is.
 */
export class InstanceLock {
  private readonly identity = identityOfThis();

  private constructor(
    private readonly fd: number,
    private readonly file: string,
    /** The file system cannot lock, in which words: another machine that shares the directory is not kept out. */
    readonly cannotLock: string | null,
  ) {}

  /**
   * @throws {DirectoryLocked} another process holds it
   * @throws {CannotRun} it can be neither taken nor refused
   */
  static acquire(file: string, directory: string, tryToLock: TryLock = tryLock): InstanceLock {
    const fd = openLockFile(file, directory);
    try {
      const cannotLock = take(fd, file, directory, tryToLock);
      const lock = new InstanceLock(fd, file, cannotLock);
      lock.announce({});
      return lock;
    } catch (error) {
      closeSync(fd);
      if (error instanceof CannotRun) throw error;
      throw notLocked(file, directory, error);
    }
  }

  /** Whether the lock file is still the one that is held: a restore over `state/` puts another in its place. */
  get stands(): boolean {
    const [here, held] = [statSync(this.file, { throwIfNoEntry: false }), fstatSync(this.fd)];
    return here?.ino === held.ino && here.dev === held.dev;
  }

  /** Writes down who holds the lock, and where he is found. */
  announce(place: Pick<Owner, 'address' | 'socket'>): void {
    const text = `${JSON.stringify({ ...this.identity, ...place })}\n`;
    ftruncateSync(this.fd);
    writeSync(this.fd, text, 0);
  }

  release(): void {
    ftruncateSync(this.fd);
    if (this.cannotLock === null) unlock(this.fd);
    closeSync(this.fd);
  }
}

/** @returns why there is no lock but the file's word; null: there is */
function take(fd: number, file: string, directory: string, tryToLock: TryLock): string | null {
  try {
    if (tryToLock(fd)) return null;
  } catch (error) {
    const code = errnoOf(error);
    if (!CANNOT_LOCK.has(code)) throw error;
    const owner = readOwner(file);
    if (owner !== null && owner.pid !== process.pid && isAlive(owner)) throw new DirectoryLocked(directory, owner);
    return `the file system cannot lock (${code})`;
  }
  throw new DirectoryLocked(directory, readOwner(file));
}

/** The system's code, also of one that Node has no name for: `Unknown system error -37`. */
function errnoOf(error: unknown): string {
  const code = systemCode(error);
  const number = Number(/-(\d+)$/.exec(code || messageOf(error))?.[1] ?? NaN);
  return (
    Object.entries(constants.errno).find(([, known]) => known === number)?.[0] ?? (number === ENOLCK ? 'ENOLCK' : code)
  );
}

const notLocked = (file: string, directory: string, error: unknown): CannotRun =>
  new CannotRun(
    'LOCK_FILE',
    `cannot lock the data directory ${directory}: ${file}: ${reasonOf(error)}; mend that, or name another with --data-dir`,
  );

function openLockFile(file: string, directory: string): number {
  try {
    // 'a+' creates it without emptying what the present owner wrote
    return openSync(file, 'a+', 0o600);
  } catch (error) {
    throw notLocked(file, directory, error);
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
