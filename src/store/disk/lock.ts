import { reason, saying } from '../words/saying.js';
import * as fs from 'node:fs';
import { closeSync, fstatSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { tryLock, unlock } from './native-files.js';
import { untilNext, type Clock } from '../ground/clock.js';
import { CannotRun, systemCode } from '../ground/errors.js';
import { Listeners } from '../ground/listeners.js';
import {
  DirectoryLocked,
  HandedOver,
  LockReleased,
  lockKernel,
  LockLost,
  ownerIn,
  type Owner,
  type TryLock,
  whyUnlockable,
} from './lock-owner.js';
import { identityOfThis, isAlive } from './process-identity.js';
import { byItself } from '../ground/faults.js';

/** How often the lock is checked, beside the check before each write. */
const LOOK_EVERY_MS = 2_000;

const open = promisify(fs.open);
const status = promisify(fs.fstat);
const write = promisify(fs.write);

/** Creates the file, without emptying what the present owner wrote. */
const READ_WRITE = fs.constants.O_RDWR | fs.constants.O_CREAT;

/**
 * The right to write one data directory, held by at most one process.
 *
 * It is the kernel's lock on an open file, so it ends when the process ends, however that happens, and no stale lock
 * can be left. The file's content only tells others who holds the lock; but where a file system cannot lock, the
 * content is the only protection.
 *
 * The file itself may be removed or replaced (a restore over `state/`), and then a lock on the old one keeps nobody
 * out: the new file is locked if no other process has done so; else the lock is lost until that process ends.
 */
export class InstanceLock {
  /** The error that says which process has the lock instead; null: we hold it. */
  lost: LockLost | null = null;
  /** Whether it was inherited, and the predecessor may still take it back. */
  private isBorrowed = false;
  /** Whether a successor has the directory, which shares the lock on the open file with this process. */
  private isLent = false;
  private readonly self = identityOfThis();
  private readonly listeners = new Listeners();
  private place: Pick<Owner, 'address' | 'socket'> = {};
  private announced: Promise<void> = Promise.resolve();
  private retaking: Promise<void> | null = null;
  private cancelLook: () => void = () => undefined;
  private isReleased = false;
  /** Device and inode of the file that is locked. */
  private identity: string;

  private constructor(
    private fd: number,
    private readonly file: string,
    private readonly directory: string,
    private readonly tryToLock: TryLock,
    /** Why the file system cannot lock: another machine that shares the directory is not kept out. Null: it can. */
    readonly cannotLock: string | null,
  ) {
    this.identity = identityOf(fstatSync(fd));
  }

  /**
   * @throws {DirectoryLocked} another process holds it
   * @throws {CannotRun} the lock file cannot be opened, or locking it failed for another reason
   */
  static acquire(file: string, directory: string, tryToLock: TryLock = tryLock): InstanceLock {
    const fd = openLockFile(file, directory);
    try {
      const cannotLock = lockKernel(fd, file, directory, tryToLock);
      const lock = new InstanceLock(fd, file, directory, tryToLock, cannotLock);
      lock.announceFirst();
      return lock;
    } catch (error) {
      closeSync(fd);
      if (error instanceof CannotRun) throw error;
      throw notLocked(file, directory, error);
    }
  }

  /**
   * Takes over the lock of a predecessor that handed over its open file: the kernel's lock belongs to that file, and so
   * is never free in between.
   *
   * @throws {DirectoryLocked} the file is not the lock any more
   */
  static inherit(fd: number, file: string, directory: string): InstanceLock {
    const here = statSync(file, { throwIfNoEntry: false });
    if (here === undefined || identityOf(here) !== identityOf(fstatSync(fd))) {
      closeSync(fd);
      return InstanceLock.acquire(file, directory);
    }
    const lock = new InstanceLock(fd, file, directory, tryLock, whyUnlockable(fd));
    lock.isBorrowed = true;
    lock.announceFirst();
    return lock;
  }

  /** The open file, for a successor. */
  get descriptor(): number {
    return this.fd;
  }

  /** Whether this process may write the directory: neither lost nor lent. */
  get isOurs(): boolean {
    return this.lost === null && !this.isLent;
  }

  /** From now on the successor has the directory: every proof fails with {@link HandedOver}. */
  lend(): void {
    this.isLent = true;
  }

  /** The directory is this process's for good: its predecessor takes it back no more. */
  keep(): void {
    this.isBorrowed = false;
  }

  /** The successor is dead, which held the same lock: the directory is this process's again. */
  async takeBack(): Promise<void> {
    this.isLent = false;
    if (this.cannotLock === null) this.tryToLock(this.fd);
    await this.announce({});
  }

  /**
   * Writes into the lock file who holds the lock, and where that process is reached. If that fails, it is tried again
   * with the next check.
   */
  announce(place: Pick<Owner, 'address' | 'socket'>): Promise<void> {
    this.place = { ...this.place, ...place };
    this.announced = this.announced.then(() => this.write()).catch(() => undefined);
    return this.announced;
  }

  /** Calls `listener` when the lock was lost, or is held again. */
  onChange(listener: () => void): () => void {
    return this.listeners.add(listener);
  }

  /** Checks the lock now and then, until it is released. */
  follow(clock: Clock): void {
    const look = (): Promise<void> => this.look().finally(() => this.followOn(clock));
    this.cancelLook = clock.after(untilNext(clock, LOOK_EVERY_MS), () => byItself('the look at the lock', look()));
  }

  /**
   * Proves that the lock is held at this moment; a file that vanished is made again.
   *
   * @throws {LockLost} another process has it
   * @throws {LockReleased} it was given up here
   * @throws {HandedOver} a successor has it
   */
  async prove(): Promise<void> {
    if (this.lost === null) await this.look();
    // in the meantime, too
    if (this.isReleased) throw new LockReleased();
    if (this.lost !== null) throw this.lost;
    if (this.isLent) throw new HandedOver();
  }

  /** Checks whether the file is still the locked one; if not, the lock is taken again, or is lost. */
  async look(): Promise<void> {
    if (this.isReleased || this.isLent) return;
    const here = await this.identityHere();
    if (here === null) return;
    if (here === this.identity && !(await this.isOthersByWord())) {
      this.tell(null);
      return;
    }
    await (this.retaking ??= this.retake()
      .catch(() => undefined)
      .finally(() => (this.retaking = null)));
  }

  release(): void {
    this.isReleased = true;
    this.cancelLook();
    // to unlock an open file that is shared with a successor or a predecessor would end its lock too
    const isShared = this.isLent || this.isBorrowed;
    if (this.isOurs && !isShared) ftruncateSync(this.fd);
    if (this.cannotLock === null && !isShared) unlock(this.fd);
    closeSync(this.fd);
  }

  private followOn(clock: Clock): void {
    if (!this.isReleased) this.follow(clock);
  }

  /**
   * Takes the lock again. The file may be gone, and its folder with it; but if the whole directory is gone (unmounted),
   * nothing is made there.
   */
  private async retake(): Promise<void> {
    await stat(path.join(this.directory, 'accounts'));
    await mkdir(path.dirname(this.file), { mode: 0o700 }).catch(() => undefined);
    const fd = await open(this.file, READ_WRITE, 0o600);
    let isOurs = false;
    try {
      lockKernel(fd, this.file, this.directory, this.tryToLock);
      const identity = identityOf(fstatSync(fd));
      isOurs = !this.isReleased && identity === (await this.identityHere());
      if (isOurs) this.goOnWith(fd, identity);
    } catch (error) {
      if (error instanceof DirectoryLocked) this.tell(new LockLost(error.owner));
    } finally {
      if (!isOurs) closeSync(fd);
    }
    if (isOurs) await this.announce({});
  }

  private goOnWith(fd: number, identity: string): void {
    const { fd: before } = this;
    this.fd = fd;
    this.identity = identity;
    if (before !== fd) closeSync(before);
    this.tell(null);
  }

  private tell(lost: LockLost | null): void {
    const isNews = (lost === null) !== (this.lost === null);
    this.lost = lost;
    if (isNews) this.listeners.tell();
  }

  /** Whether another living process has written itself into the file; this counts where nothing can be locked. */
  private async isOthersByWord(): Promise<boolean> {
    if (this.cannotLock === null) return false;
    const owner = ownerIn(await readFile(this.file, 'utf8').catch(() => ''));
    return owner === null || (owner.pid !== this.self.pid && isAlive(owner));
  }

  /** Device and inode of the file that has the lock's name now; empty: there is none. null: not known. */
  private async identityHere(): Promise<string | null> {
    try {
      return identityOf(await stat(this.file));
    } catch (error) {
      return systemCode(error) === 'ENOENT' ? '' : null;
    }
  }

  /**
   * The text of the lock file, as long as the present one: on a full disk, space that is cut off could not be had
   * again.
   */
  private text(size: number): Buffer {
    return Buffer.from(`${JSON.stringify({ ...this.self, ...this.place }).padEnd(size - 1)}\n`);
  }

  /**
   * Writes the owner into the file. On a full disk others cannot read who it is, which is accepted, unless the text is
   * the only lock.
   */
  private announceFirst(): void {
    try {
      const text = this.text(fstatSync(this.fd).size);
      writeSync(this.fd, text, 0, text.length, 0);
    } catch (error) {
      if (this.cannotLock !== null) throw error;
    }
  }

  private async write(): Promise<void> {
    if (this.isReleased || !this.isOurs) return;
    const text = this.text((await status(this.fd)).size);
    await write(this.fd, text, 0, text.length, 0);
  }
}

const identityOf = ({ dev, ino }: { readonly dev: number; readonly ino: number }): string => `${dev} ${ino}`;

const notLocked = (file: string, directory: string, error: unknown): CannotRun =>
  new CannotRun(
    'LOCK_FILE',
    saying('cannot lock the data directory {directory}: {file}: {why}; mend that, or name another with --data-dir', {
      ...{ directory, file, why: reason(error) },
    }),
  );

function openLockFile(file: string, directory: string): number {
  try {
    return openSync(file, READ_WRITE, 0o600);
  } catch (error) {
    throw notLocked(file, directory, error);
  }
}
