import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DirectoryLocked, InstanceLock, readOwner } from '../../../src/store/disk/lock.js';
import { CannotRun } from '../../../src/store/ground/errors.js';
import { withDirectory } from '../../support/directory.js';

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
  withDirectory((dir) => {
    const file = dir.at('lock');
    const start = (): InstanceLock => InstanceLock.acquire(file, 'the directory', failing('ENOLCK'));
    const lock = start();
    lock.announce({ address: '127.0.0.1:1' });
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

test('a lock file that another took the place of does not stand any more', () =>
  withDirectory((dir) => {
    const file = dir.at('lock');
    const lock = InstanceLock.acquire(file, 'the directory');
    assert.ok(lock.stands);
    writeFileSync(dir.at('restored'), readFileSync(file));
    renameSync(dir.at('restored'), file);
    assert.not.ok(lock.stands);
    lock.release();
  }));

test.run();
