/** A credential that is to be kept although the file it belongs into is gone, and what becomes of those without one. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AccountFiles } from '../../../src/store/files/account-files.js';
import { NotSaved } from '../../../src/store/accounts/stored-account.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { newAccount } from '../../../src/store/accounts/new-account.js';
import { disable, refreshed, restore, rotate, upsert, type Patch } from '../../../src/store/accounts/patches.js';
import { setQuota } from '../../../src/store/accounts/quota-patches.js';
import { type DataDirectory, withDirectory } from '../../support/directory.js';
import { testDisk, type TestDisk } from '../../support/disk.js';
import { tokenAnswer } from '../../support/token-answer.js';

type Json = Record<string, unknown> & { token: Record<string, unknown> };

const ids = ['a1', 'a2', 'a3', 'a4', 'a5'];
const sent = '1//0test-refresh-token-of-a1';
const answer = tokenAnswer('ya29.new');
const credential = { email: 'anna@example.com', name: null, refreshToken: '1//0new', answer, clientKey: 'default' };
const previous = { name: 'anna', disabled: false, token: { refresh_token: '1//0new', access_token: 'ya29.new' } };

interface Shop {
  readonly dir: DataDirectory;
  readonly disk: TestDisk;
  readonly store: AccountFiles;
  readonly before: Json;
}

const emptied = (dir: DataDirectory): void => ids.forEach((id) => rmSync(dir.at('accounts', `${id}.json`)));
const moved = (dir: DataDirectory): void => renameSync(dir.at('accounts'), dir.at('away'));
const unmounted = (dir: DataDirectory): void => {
  moved(dir);
  mkdirSync(dir.at('accounts'));
};

/** Five accounts whose files are gone, which the store has noticed. */
async function withGoneFiles(gone: (dir: DataDirectory) => void, use: (shop: Shop) => Promise<void>): Promise<void> {
  await withDirectory(async (dir) => {
    for (const id of ids) await dir.put({ id, email: id === 'a1' ? 'anna@example.com' : `${id}@example.com` });
    const before = await dir.read('a1');
    const disk = testDisk();
    const store = await AccountFiles.open(dir.at('accounts'), systemClock, disk);
    try {
      gone(dir);
      await store.reread();
      assert.ok(store.held);
      await use({ dir, disk, store, before });
    } finally {
      store.close();
    }
  });
}

const ways: Readonly<Record<string, (dir: DataDirectory) => void>> = {
  'all of them deleted': emptied,
  'their folder moved away': moved,
  'their folder gone and another there': unmounted,
};

const bringing: Readonly<Record<string, Patch>> = {
  'a re-add': upsert(credential),
  'a rotation': rotate(sent, '1//0new', answer),
  'an undo': restore(sent, previous),
};

for (const [way, gone] of Object.entries(ways)) {
  for (const [what, patch] of Object.entries(bringing)) {
    test(`${way}: ${what} makes the file again, whole, and R keeps it`, async () => {
      await withGoneFiles(gone, async ({ dir, store, before }) => {
        await store.patch('a1', patch);
        const made = JSON.parse(readFileSync(dir.at('accounts', 'a1.json'), 'utf8')) as Json;
        assert.is(made.token.refresh_token, '1//0new');
        assert.is(made.token.access_token, 'ya29.new');
        const { token: _was, ...rest } = before;
        const { token: _is, ...restNow } = made;
        assert.equal(restNow, rest);
        assert.equal(made.token.x_unknown_in_token, before.token.x_unknown_in_token);
        assert.is(statSync(dir.at('accounts', 'a1.json')).mode & 0o777, 0o600);
        assert.equal([store.missing.length, store.get('a1')?.held, store.get('a1')?.notSaved], [4, false, null]);
        await store.reread();
        assert.ok(store.held, 'the others are still kept');
        assert.is(store.list().length, 5);
        await store.reload();
        assert.equal(
          store.list().map(({ id }) => id),
          ['a1'],
        );
        assert.is(store.held, null);
      });
    });
  }
}

test('what brings no credential makes no file again, and goes along with one that does', async () => {
  await withGoneFiles(emptied, async ({ dir, store }) => {
    for (const patch of [
      refreshed(sent, tokenAnswer('ya29.fresh'), 'ya29.known'),
      disable(sent, 5, 'invalid_grant: gone'),
      setQuota({ models: [], at: 1, groups: null, protectedModels: null }),
    ]) {
      assert.instance(await store.patch('a1', patch).catch((error: unknown) => error), NotSaved);
    }
    assert.equal(readdirSync(dir.at('accounts')), []);
    await store.patch('a1', upsert(credential));
    const made = await dir.read('a1');
    assert.equal([made.disabled, made.disabled_at, made.token.refresh_token], [false, undefined, '1//0new']);
    assert.equal(await store.flush(), []);
  });
});

test('several re-adds at once make the folder and their files again', async () => {
  await withGoneFiles(moved, async ({ dir, store }) => {
    await Promise.all(ids.map((id) => store.patch(id, upsert({ ...credential, refreshToken: `1//0new-${id}` }))));
    assert.equal(
      readdirSync(dir.at('accounts')).sort(),
      ids.map((id) => `${id}.json`),
    );
    assert.equal([store.missing, statSync(dir.at('accounts')).mode & 0o777], [[], 0o700]);
    await store.reread();
    assert.is(store.held, null);
  });
});

test('a new account while the folder is gone is on disk, and the others are kept', async () => {
  await withGoneFiles(moved, async ({ dir, store }) => {
    await store.create('b1', newAccount('b1', credential, 1));
    assert.equal(readdirSync(dir.at('accounts')), ['b1.json']);
    await store.reread();
    assert.equal([store.list().length, store.held !== null], [6, true]);
  });
});

test('a credential that cannot be written is not dropped by R, and lands when the disk has room', async () => {
  await withGoneFiles(emptied, async ({ dir, disk, store }) => {
    disk.fail('ENOSPC', 'write');
    assert.instance(await store.patch('a1', upsert(credential)).catch((error: unknown) => error), NotSaved);
    await store.reload();
    assert.equal(
      store.list().map(({ id, notSaved }) => [id, notSaved !== null]),
      [['a1', true]],
    );
    disk.mend();
    assert.equal(await store.flush(), []);
    assert.is((await dir.read('a1')).token.refresh_token, '1//0new');
  });
});

test('the old files put back over one that was made again do not bring its dead token back', async () => {
  await withGoneFiles(unmounted, async ({ dir, store }) => {
    await store.patch('a1', upsert(credential));
    for (const id of ids) renameSync(dir.at('away', `${id}.json`), dir.at('accounts', `${id}.json`));
    await store.reread();
    assert.equal(await store.flush(), []);
    const now = await dir.read('a1');
    assert.equal([now.token.refresh_token, now.token.access_token], ['1//0new', 'ya29.new']);
    assert.equal([store.held, store.missing], [null, []]);
  });
});

test('another program that makes the file again at the same moment loses nothing', async () => {
  await withGoneFiles(emptied, async ({ dir, disk, store, before }) => {
    disk.before('link', () => {
      disk.before('link', () => undefined);
      writeFileSync(dir.at('accounts', 'a1.json'), JSON.stringify({ ...before, x_theirs: 1 }));
    });
    await store.patch('a1', upsert(credential));
    const now = await dir.read('a1');
    assert.equal([now.x_theirs, now.token.refresh_token], [1, '1//0new']);
  });
});

test('a single file that was deleted goes with its account: only its re-add makes it again', async () => {
  await withDirectory(async (dir) => {
    for (const id of ids) await dir.put({ id });
    const store = await AccountFiles.open(dir.at('accounts'), systemClock, testDisk());
    await dir.remove('a1');
    await store.patch('a1', upsert(credential));
    assert.is(store.get('a1'), undefined);
    assert.is(readdirSync(dir.at('accounts')).length, 4);
    store.close();
  });
});

test.run();
