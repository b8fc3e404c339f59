/** A crash at each call to the disk in turn: the file is the old or the new one, whole, and new for good once a patch is done. */
import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AccountFiles } from '../../../src/store/files/account-files.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { removeStrays } from '../../../src/store/disk/durable.js';
import { closeStore, openStore } from '../../../src/store/open.js';
import { newAccount } from '../../../src/store/accounts/new-account.js';
import * as patches from '../../../src/store/accounts/patches.js';
import { type DataDirectory, withDirectory } from '../../support/directory.js';
import { Crash, testDisk, type DiskCall, type TestDisk } from '../../support/disk.js';
import { tokenAnswer } from '../../support/token-answer.js';

const sent = '1//0test-refresh-token-of-a1';
const answer = tokenAnswer('ya29.new', 'e.y.J');
const credential = { email: 'anna@example.com', name: 'Anna', refreshToken: '1//0other', answer, clientKey: 'default' };
const dead = { disabled: true, disabled_at: 1_700_000_000, disabled_reason: 'invalid_grant: gone' };
const off = { proxy_disabled: true, proxy_disabled_at: 1, proxy_disabled_reason: 'by hand' };

/** Every patch that writes, with a file on which it has something to do. */
const cases: readonly { readonly patch: patches.Patch; readonly file?: Record<string, unknown> }[] = [
  { patch: patches.disable(sent, 1_800_000_000, 'invalid_grant: Token has been expired or revoked.') },
  { patch: patches.enable(sent), file: dead },
  { patch: patches.refreshed(sent, answer, 'ya29.known') },
  { patch: patches.rotate(sent, '1//0rotated', answer) },
  { patch: patches.upsert(credential), file: dead },
  { patch: patches.restore(sent, { token: { refresh_token: '1//0previous' }, ...dead }) },
  { patch: patches.setProxyDisabled({ at: 1_800_000_000, reason: 'by hand' }) },
  { patch: patches.setProxyDisabled(null), file: off },
  { patch: patches.setClient(sent, 'work') },
  { patch: patches.setProject('p-1') },
  { patch: patches.touch(4_000_000_000) },
];

/** A directory with one account, the store on it, and a disk that can be broken. */
async function withStore(
  file: Record<string, unknown>,
  use: (store: AccountFiles, disk: TestDisk, dir: DataDirectory) => Promise<void>,
): Promise<void> {
  await withDirectory(async (dir) => {
    await dir.put({ ...file, token: { expires_in: 3599 } });
    const disk = testDisk();
    const store = await AccountFiles.open(dir.at('accounts'), systemClock, disk);
    await use(store, disk, dir);
    store.close();
  });
}

const durableOrder: readonly DiskCall[] = ['create', 'write', 'sync', 'close', 'exchange', 'syncFolder', 'remove'];

for (const { patch, file = {} } of cases) {
  test(`${patch.name}: written beside, synced, put in place, folder synced`, async () => {
    await withStore(file, async (store, disk, dir) => {
      await store.patch('a1', patch);
      assert.equal(disk.calls, durableOrder);
      assert.equal(readdirSync(dir.at('accounts')), ['a1.json']);
    });
  });

  test(`${patch.name}: a crash before or after any call leaves the old or the new file, whole`, async () => {
    for (const [number, call] of durableOrder.entries()) {
      for (const when of ['before', 'after'] as const) {
        await withStore(file, async (store, disk, dir) => {
          const old = await dir.readRaw('a1');
          const patched = JSON.parse(old) as Record<string, unknown>;
          patch.apply(patched);
          const fresh = `${JSON.stringify(patched, null, 2)}\n`;
          disk.crash(number, when);
          const done = await store.patch('a1', patch).then(
            () => true,
            () => false,
          );
          const left = await dir.readRaw('a1');
          const isNew = left === fresh;
          assert.ok(isNew || left === old, `${when} ${call}: neither old nor new`);
          assert.is(isNew, number > 4 || (number === 4 && when === 'after'), `${when} ${call}`);
          // what was promised is for good: only the removal of the old file may be missing
          assert.ok(!done || number === 6, `${when} ${call}: done too early`);
          await removeStrays(dir.at('accounts'));
          assert.equal(readdirSync(dir.at('accounts')), ['a1.json']);
          const again = await AccountFiles.open(dir.at('accounts'), systemClock);
          assert.is(again.get('a1')?.unreadable, null);
          again.close();
        });
      }
    }
  });
}

test('where the file system cannot exchange, a rename takes its place, in the same order', async () => {
  await withStore({}, async (store, disk, dir) => {
    disk.fail('EINVAL', 'exchange');
    await store.patch('a1', patches.setProject('p-1'));
    assert.equal(disk.calls, ['create', 'write', 'sync', 'close', 'exchange', 'rename', 'syncFolder']);
    assert.is((await dir.read('a1')).token.project_id, 'p-1');
    assert.equal(readdirSync(dir.at('accounts')), ['a1.json']);
  });
});

test('a new account: a crash leaves no file or the whole one', async () => {
  const calls: readonly DiskCall[] = ['create', 'write', 'sync', 'close', 'link', 'remove', 'syncFolder'];
  for (const [number, call] of calls.entries()) {
    for (const when of ['before', 'after'] as const) {
      await withStore({}, async (store, disk, dir) => {
        disk.crash(number, when);
        const done = await store.create('new', newAccount('new', credential, 1)).then(
          () => true,
          () => false,
        );
        assert.equal(disk.calls, calls.slice(0, disk.calls.length));
        const stands = readdirSync(dir.at('accounts')).includes('new.json');
        assert.is(stands, number > 4 || (number === 4 && when === 'after'), `${when} ${call}`);
        if (stands) assert.is((await dir.read('new')).token.refresh_token, credential.refreshToken);
        assert.ok(!done || number === 5, `${when} ${call}: done too early`);
      });
    }
  }
});

test('the end of the process is one: nothing reaches the disk after it', async () => {
  const disk = testDisk();
  disk.crash(0, 'before');
  await disk.create('/nowhere').catch((error: unknown) => assert.instance(error, Crash));
  await disk.syncFolder('/').then(
    () => assert.unreachable(),
    (error: unknown) => assert.instance(error, Crash),
  );
  assert.is(disk.calls.length, 1);
});

test('what a crash left beside any file is removed at the next start, and nothing else', async () => {
  await withDirectory(async (dir) => {
    await writeFile(dir.at('gui_config.json'), '{}');
    await mkdir(dir.at('regrant', 'state'), { recursive: true });
    const strays = ['.regrant-0123456789abcdef', 'settings.json.tmp-17961234560abcde'];
    const folders = [[], ['accounts'], ['regrant'], ['regrant', 'state']];
    for (const folder of folders) {
      for (const name of [...strays, 'settings.json.tmp']) await writeFile(dir.at(...folder, name), 'secret');
    }
    await closeStore(await openStore({ dataDir: dir.path, env: {}, clock: systemClock }));
    for (const folder of folders) {
      const names = readdirSync(dir.at(...folder));
      assert.equal(
        strays.filter((name) => names.includes(name)),
        [],
      );
      assert.ok(names.includes('settings.json.tmp'));
    }
  });
});

test.run();
