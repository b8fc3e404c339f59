import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createDurably,
  moveDurably,
  removeDurably,
  replaceShared,
  writeDurably,
} from '../../../src/store/disk/durable.js';
import type { Disk } from '../../../src/store/disk/disk.js';
import { heldDisk } from '../../../src/store/disk/held-disk.js';
import { InstanceLock } from '../../../src/store/disk/lock.js';
import {
  DirectoryLocked,
  LockLost,
  LockReleased,
  livingOwner,
  readOwner,
  type TryLock,
} from '../../../src/store/disk/lock-owner.js';
import { CannotRun } from '../../../src/store/ground/errors.js';
import { type DataDirectory, withDirectory } from '../../support/directory.js';
import { testDisk } from '../../support/disk.js';

const failing = (code: string) => (): boolean => {
  throw Object.assign(new Error(`${code}: no lock`), { code });
};

/** What comes of a start where the system answers the lock with this code. */
function outcome(file: string, code: string): string {
  try {
    const lock = InstanceLock.acquire(file, 'the directory', failing(code));
    const { cannotLock } = lock;
    lock.release();
    return cannotLock ?? 'locked';
  } catch (error) {
    if (error instanceof CannotRun) return `${error.code} ${error.message}`;
    throw error;
  }
}

test('whatever the system answers, it is a start on the file alone, or one line that says why not', () =>
  withDirectory((dir) => {
    const onFile = new Set(['ENOLCK', 'EINVAL', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EPERM']);
    for (const code of [...Object.keys(constants.errno), 'ENOLCK', 'Unknown system error -37']) {
      if (code === 'EAGAIN') continue;
      const found = outcome(dir.at(`lock-${code}`), code);
      const known = code.endsWith('-37') ? 'ENOLCK' : code;
      if (onFile.has(known)) assert.is(found, `the file system cannot lock (${known})`);
      else
        assert.match(
          found,
          /^LOCK_FILE cannot lock the data directory the directory: .*lock-.*; mend that, or name another/,
        );
    }
  }));

test('where nothing can be locked, the file tells a living owner from one that is gone', () =>
  withDirectory(async (dir) => {
    const file = dir.at('lock');
    const start = (): InstanceLock => InstanceLock.acquire(file, 'the directory', failing('ENOLCK'));
    const lock = start();
    await lock.announce({ address: '127.0.0.1:1' });
    const own = readOwner(file);
    assert.is(own?.pid, process.pid);
    const says = (owner: object): void => writeFileSync(file, JSON.stringify({ ...own, ...owner }));
    // the parent lives, and started at its own time
    says({ pid: process.ppid, started: undefined });
    assert.throws(start, (error: unknown) => error instanceof DirectoryLocked && error.owner?.pid === process.ppid);
    const gone: readonly object[] = [
      { pid: 2 ** 22 + 1 },
      { pid: process.ppid, started: '1' },
      { pid: process.ppid, boot: 'of another start of the machine' },
    ];
    for (const owner of gone) {
      says(owner);
      start().release();
    }
  }));

const at = (dir: DataDirectory): string => dir.at('state/lock');

/** A directory as a supervisor leaves it, with what a test does to the lock file. */
const withLock = (use: (dir: DataDirectory, lock: InstanceLock) => Promise<void>, tryToLock?: TryLock): Promise<void> =>
  withDirectory(async (dir) => {
    mkdirSync(dir.at('state'));
    const lock = InstanceLock.acquire(at(dir), dir.path, tryToLock);
    await lock.announce({ address: '127.0.0.1:1', socket: '/run/one.sock' });
    await use(dir, lock);
    lock.release();
  });

const isLocked = (error: unknown): boolean => error instanceof DirectoryLocked;

/** What a restore, a cleaner or a hand does to it. */
const takenAway: Record<string, (dir: DataDirectory) => void> = {
  'another file of the same words': (dir) => {
    writeFileSync(dir.at('restored'), readFileSync(at(dir)));
    renameSync(dir.at('restored'), at(dir));
  },
  'no file': (dir) => unlinkSync(at(dir)),
  'no folder': (dir) => renameSync(dir.at('state'), dir.at('state.old')),
  'a folder without it': (dir) => {
    renameSync(dir.at('state'), dir.at('state.old'));
    mkdirSync(dir.at('state'));
  },
};

for (const [what, takeAway] of Object.entries(takenAway)) {
  test(`a lock that is taken away (${what}) is taken anew, keeps others out, and says where its owner is`, () =>
    withLock(async (dir, lock) => {
      takeAway(dir);
      await lock.prove();
      assert.throws(() => InstanceLock.acquire(at(dir), dir.path), isLocked);
      const owner = readOwner(at(dir));
      assert.equal([owner?.pid, owner?.address, owner?.socket], [process.pid, '127.0.0.1:1', '/run/one.sock']);
    }));

  test(`a lock that is taken away (${what}) and another takes is lost, and had again once that one ends`, () =>
    withLock(async (dir, lock) => {
      const told: boolean[] = [];
      lock.onChange(() => told.push(lock.lost !== null));
      takeAway(dir);
      mkdirSync(dir.at('state'), { recursive: true });
      const other = InstanceLock.acquire(at(dir), dir.path);
      await rejects(lock.prove(), LockLost);
      await rejects(lock.prove(), LockLost);
      other.release();
      await lock.look();
      await lock.prove();
      assert.equal(told, [true, false]);
      assert.throws(() => InstanceLock.acquire(at(dir), dir.path), isLocked);
    }));
}

test('where nothing can be locked, the word of another that lives takes the directory, and his end gives it back', () =>
  withLock(async (dir, lock) => {
    const own = readFileSync(at(dir));
    writeFileSync(at(dir), JSON.stringify({ pid: process.ppid }));
    await rejects(lock.prove(), LockLost);
    writeFileSync(at(dir), own);
    await lock.look();
    await lock.prove();
  }, failing('ENOLCK')));

test('where the whole directory is away, nothing is made in its place', () =>
  withLock(async (dir, lock) => {
    renameSync(dir.path, `${dir.path}.away`);
    mkdirSync(dir.path);
    await lock.prove();
    assert.equal(readdirSync(dir.path), []);
    rmSync(dir.path, { recursive: true });
    renameSync(`${dir.path}.away`, dir.path);
    await lock.prove();
  }));

test("a disk of a directory that another has takes nothing any more, but for what is nobody else's", () =>
  withLock(async (dir, lock) => {
    const inner = testDisk();
    const disk = heldDisk(lock, inner);
    const file = dir.at('accounts/a.json');
    await writeDurably(file, 'one', disk);
    unlinkSync(at(dir));
    const other = InstanceLock.acquire(at(dir), dir.path);
    const before = inner.calls.length;
    await rejects(writeDurably(file, 'two', disk), LockLost);
    await rejects(createDurably(dir.at('accounts/b.json'), 'two', disk), LockLost);
    await rejects(replaceShared(file, 'two', 'one', disk), LockLost);
    await rejects(moveDurably(file, dir.at('accounts/c.json'), disk), LockLost);
    await rejects(removeDurably(file, disk), LockLost);
    await rejects(disk.append(file, 'more'), LockLost);
    await rejects(disk.overwrite(file, Buffer.from('two')), LockLost);
    assert.equal(inner.calls.slice(before), []);
    assert.is(readFileSync(file, 'utf8'), 'one');
    other.release();
  }));

test('a write that was begun before the directory was lost does not land after it', () =>
  withLock(async (dir, lock) => {
    const inner = testDisk();
    const disk = heldDisk(lock, inner);
    const file = dir.at('accounts/a.json');
    writeFileSync(file, 'one');
    let other: InstanceLock | null = null;
    inner.before('sync', () => {
      if (other !== null) return;
      unlinkSync(at(dir));
      other = InstanceLock.acquire(at(dir), dir.path);
    });
    await rejects(replaceShared(file, 'two', 'one', disk), LockLost);
    assert.is(readFileSync(file, 'utf8'), 'one');
    (other as InstanceLock | null)?.release();
  }));

test('once the lock was let go, nothing more is written: not by what begins, nor by what was begun', () =>
  withDirectory(async (dir) => {
    mkdirSync(dir.at('state'));
    const inner = testDisk();
    const file = dir.at('accounts/a.json');
    const held = (): [InstanceLock, Disk] => {
      const lock = InstanceLock.acquire(at(dir), dir.path);
      return [lock, heldDisk(lock, inner)];
    };
    const [first, disk] = held();
    await writeDurably(file, 'one', disk);
    first.release();
    const before = inner.calls.length;
    await rejects(first.prove(), LockReleased);
    await rejects(writeDurably(file, 'two', disk), LockReleased);
    await rejects(replaceShared(file, 'two', 'one', disk), LockReleased);
    await rejects(removeDurably(file, disk), LockReleased);
    await rejects(disk.append(file, 'more'), LockReleased);
    assert.equal(inner.calls.slice(before), []);
    const begun = [
      (later: Disk) => writeDurably(file, 'two', later),
      (later: Disk) => replaceShared(file, 'two', 'one', later),
    ];
    for (const write of begun) {
      const [lock, later] = held();
      let release = (): void => lock.release();
      inner.before('sync', () => {
        release();
        release = () => undefined;
      });
      await rejects(write(later), LockReleased);
    }
    const [lock] = held();
    const proof = lock.prove();
    lock.release();
    await rejects(proof, LockReleased);
    assert.is(readFileSync(file, 'utf8'), 'one');
  }));

test('who lives and holds it is told without disturbing him', () =>
  withLock((dir, lock) => {
    assert.is(livingOwner(at(dir))?.pid, process.pid);
    writeFileSync(at(dir), JSON.stringify({ pid: 2 ** 22 + 1 }));
    // as from another container: nobody of that number lives here, and the lock is held
    assert.is(livingOwner(at(dir))?.pid, 2 ** 22 + 1);
    assert.is(lock.lost, null);
    assert.is(livingOwner(dir.at('state/none')), null);
    return Promise.resolve();
  }));

async function rejects(promise: Promise<unknown>, kind: new (...given: never[]) => Error): Promise<void> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  assert.instance(outcome, kind);
}

test.run();
