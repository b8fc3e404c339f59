/** Another program that saves what it read before we wrote, at the worst moments. */
import { renameSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AccountFiles } from '../../../../src/store/files/account-files.js';
import { disable, rotate, setProject, upsert, type Patch } from '../../../../src/store/accounts/patches.js';
import { setClock } from '../../../support/clock.js';
import { type DataDirectory, withDirectory } from '../../../support/directory.js';
import { testDisk, type DiskCall, type TestDisk } from '../../../support/disk.js';
import { tokenAnswer } from '../../../support/token-answer.js';

type File = Awaited<ReturnType<DataDirectory['read']>>;

const readded = upsert({
  email: 'anna@example.com',
  name: null,
  refreshToken: '1//0added',
  answer: tokenAnswer('ya29.added'),
  clientKey: 'default',
});

interface Desk {
  readonly store: AccountFiles;
  readonly disk: TestDisk;
  readonly patch: (patch: Patch) => Promise<void>;
  readonly read: () => Promise<File>;
  /** The other program puts a file there that says this, through a rename. */
  readonly save: (json: object) => void;
  /** What we make of it is on disk. */
  readonly settled: () => Promise<File>;
  /** Acts once, before the next call of that name. */
  readonly next: (call: DiskCall, act: () => void) => void;
}

/** A store with one account, whose refresh token is `1//0first`, on a clock that stands. */
const withHandle = (use: (desk: Desk) => Promise<void>): Promise<void> =>
  withDirectory(async (dir) => {
    await dir.put({ refreshToken: '1//0first' });
    const disk = testDisk();
    const store = await AccountFiles.open(dir.at('accounts'), setClock(), disk);
    await use({
      store,
      disk,
      patch: (patch) => store.patch('a1', patch),
      read: () => dir.read('a1'),
      save(json) {
        writeFileSync(dir.at('theirs.tmp'), JSON.stringify(json, null, 2));
        renameSync(dir.at('theirs.tmp'), dir.at('accounts', 'a1.json'));
      },
      async settled() {
        await store.reread(['a1.json']);
        await store.flush();
        const file = await dir.read('a1');
        assert.equal(store.json('a1'), file, 'memory says what the disk says');
        return file;
      },
      next(call, act) {
        let times = 0;
        disk.before(call, () => {
          if (times++ === 0) act();
        });
      },
    });
    store.close();
  });

const withToken = (file: File, refreshToken: string): File => ({
  ...file,
  token: { ...file.token, refresh_token: refreshToken },
});

test('a stale save that undid a verdict does not bring back the re-add that cleared an earlier one', async () => {
  await withHandle(async ({ patch, read, save, settled }) => {
    await patch(disable('1//0first', 1, 'invalid_grant: gone'));
    await patch(readded);
    await patch(rotate('1//0added', '1//0rotated', tokenAnswer('ya29.rotated')));
    const stale = await read();
    await patch(disable('1//0rotated', 2, 'invalid_grant: gone'));
    save({ ...stale, quota: null, x_theirs: 1 });
    const file = await settled();
    assert.equal([file.token.refresh_token, file.disabled_at, file.x_theirs], ['1//0rotated', 2, 1]);
  });
});

test('a change that needed not be applied again after all is applied again after the next stale save', async () => {
  await withHandle(async ({ patch, read, save, settled, next }) => {
    const stale = await read();
    await patch(rotate('1//0first', '1//0rotated', tokenAnswer('ya29.rotated')));
    const newer = await read();
    save({ ...stale, x_theirs: 1 });
    // the program has seen its mistake before we have mended it
    next('create', () => save({ ...newer, x_theirs: 2 }));
    assert.is((await settled()).x_theirs, 2);
    save({ ...stale, x_theirs: 3 });
    const file = await settled();
    assert.equal([file.token.refresh_token, file.x_theirs], ['1//0rotated', 3]);
  });
});

test('a stale save that a look finds before our write pushes it aside undoes nothing, then or later', async () => {
  await withHandle(async ({ store, patch, read, save, settled, next }) => {
    const stale = await read();
    await patch(rotate('1//0first', '1//0rotated', tokenAnswer('ya29.rotated')));
    next('exchange', () => {
      save({ ...stale, x_theirs: 1 });
      void store.readNow('a1');
      assert.is(store.get('a1')?.account?.refreshToken, '1//0rotated');
    });
    await patch(setProject('p-1'));
    const between = await read();
    const file = await settled();
    assert.equal([file.token.refresh_token, file.token.project_id, file.x_theirs], ['1//0rotated', 'p-1', 1]);
    save({ ...between, x_more: 1 });
    const last = await settled();
    assert.equal([last.token.refresh_token, last.x_theirs, last.x_more], ['1//0rotated', 1, 1]);
  });
});

test('a refresh token put there by hand at the last moment before our write gets no verdict about another', async () => {
  await withHandle(async ({ patch, read, save, settled, next }) => {
    const before = await read();
    next('exchange', () => save(withToken(before, '1//0by-hand')));
    await patch(disable('1//0first', 1, 'invalid_grant: gone'));
    const file = await settled();
    assert.equal([file.token.refresh_token, file.disabled, file.disabled_at], ['1//0by-hand', false, undefined]);
  });
});

test('a refresh token put there by hand at the last moment before our write is not lost to a rotation', async () => {
  await withHandle(async ({ patch, read, save, settled, next }) => {
    const before = await read();
    next('exchange', () => save({ ...withToken(before, '1//0by-hand'), x_theirs: 1 }));
    await patch(rotate('1//0first', '1//0rotated', tokenAnswer('ya29.rotated')));
    const file = await settled();
    assert.equal([file.token.refresh_token, file.x_theirs], ['1//0by-hand', 1]);
    assert.is(file.token.access_token, before.token.access_token);
  });
});

test.run();
