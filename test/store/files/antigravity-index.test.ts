import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AccountFiles } from '../../../src/store/files/account-files.js';
import { AntigravityIndex } from '../../../src/store/files/antigravity-index.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { newAccount } from '../../../src/store/accounts/new-account.js';
import { disable, setProxyDisabled, touch, upsert } from '../../../src/store/accounts/patches.js';
import { setClock, type SetClock } from '../../support/clock.js';
import { type DataDirectory, withDirectory } from '../../support/directory.js';
import { testDisk, type TestDisk } from '../../support/disk.js';
import { tokenAnswer } from '../../support/token-answer.js';

type Json = Record<string, unknown>;
const answer = tokenAnswer('ya29.n');
const credential = { email: 'anna@example.com', name: null, refreshToken: '1//0n', answer, clientKey: 'default' };

/** An index as Antigravity Tools writes it, with keys that we do not know. */
const indexOf = (...ids: readonly string[]): Json => ({
  version: '2.0',
  accounts: ids.map((id) => ({
    id,
    email: `${id}@old.example`,
    name: null,
    disabled: false,
    proxy_disabled: false,
    protected_models: ['claude'],
    created_at: 1,
    last_used: 2,
    x_unknown: [1],
  })),
  current_account_id: ids[0],
  current_target_ide: 'antigravity',
});

interface Shop {
  readonly dir: DataDirectory;
  readonly store: AccountFiles;
  readonly clock: SetClock;
  readonly disk: TestDisk;
  readonly read: () => Json & { accounts: Json[] };
  /** Lets what was put off be written. */
  readonly settle: (ms?: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

async function withIndex(text: string | null, use: (shop: Shop) => Promise<void>): Promise<void> {
  await withDirectory(async (dir) => {
    for (const id of ['a1', 'a2', 'a3']) await dir.put({ id, email: `${id}@example.com` });
    const file = dir.at('accounts.json');
    if (text !== null) writeFileSync(file, text);
    const clock = setClock();
    const disk = testDisk();
    const store = await AccountFiles.open(dir.at('accounts'), systemClock);
    const index = new AntigravityIndex({ file, store, clock, disk });
    await use({
      dir,
      store,
      clock,
      disk,
      read: () => JSON.parse(readFileSync(file, 'utf8')) as Json & { accounts: Json[] },
      settle: async (ms = 300) => {
        await store.flush();
        clock.advance(ms);
        await index.settled();
      },
      close: () => index.close(),
    });
    await index.close();
    store.close();
  });
}

const full = JSON.stringify(indexOf('a1', 'a2', 'a3'), null, 2);

test('it is never created', async () => {
  await withIndex(null, async ({ dir, store, settle, close }) => {
    await store.patch('a1', setProxyDisabled({ at: 1, reason: 'x' }));
    await settle();
    await close();
    assert.equal(readdirSync(dir.path), ['accounts']);
  });
});

test('disable, re-add and toggle are repeated in it; what it says beyond that stays', async () => {
  await withIndex(full, async ({ store, dir, read, settle }) => {
    await settle();
    const [first] = read().accounts;
    assert.is(first?.email, 'a1@example.com');
    assert.equal([first?.protected_models, first?.x_unknown], [['claude'], [1]]);
    assert.is(first?.last_used, (await dir.read('a1')).last_used);
    await store.patch('a1', disable('1//0test-refresh-token-of-a1', 5, 'invalid_grant: x'));
    await store.patch('a2', setProxyDisabled({ at: 1, reason: 'x' }));
    await store.patch('a3', touch(4_000_000_000));
    await settle();
    assert.equal(
      read().accounts.map(({ disabled, proxy_disabled: off }) => [disabled, off]),
      [
        [true, false],
        [false, true],
        [false, false],
      ],
    );
    assert.is(read().accounts[2]?.last_used, 4_000_000_000);
    await store.patch('a1', upsert(credential));
    await store.patch('a2', setProxyDisabled(null));
    await settle();
    assert.ok(read().accounts.every(({ disabled, proxy_disabled: off }) => disabled === false && off === false));
    assert.equal([read().version, read().current_target_ide], ['2.0', 'antigravity']);
  });
});

test('an account that was removed goes, and the current one is another; a new one comes', async () => {
  await withIndex(full, async ({ dir, store, read, settle }) => {
    await store.moveAway('a1', dir.at('removed.json'));
    await store.create('a4', newAccount('a4', { ...credential, email: 'a4@example.com' }, 7));
    await settle();
    assert.equal(
      read().accounts.map(({ id }) => id),
      ['a2', 'a3'],
    );
    assert.is(read().current_account_id, 'a2');
    await settle(2_000);
    assert.equal(read().accounts[2], {
      id: 'a4',
      email: 'a4@example.com',
      name: null,
      disabled: false,
      proxy_disabled: false,
      created_at: 7,
      last_used: 7,
    });
  });
});

test('at the end everything is written at once', async () => {
  await withIndex(JSON.stringify(indexOf('a2')), async ({ store, read, close }) => {
    await store.patch('a2', setProxyDisabled({ at: 1, reason: 'x' }));
    await close();
    assert.equal(
      read().accounts.map(({ id, proxy_disabled: off }) => [id, off]),
      [
        ['a2', true],
        ['a1', false],
        ['a3', false],
      ],
    );
  });
});

test('an entry whose file has not come yet is left alone, and so is one that cannot be read', async () => {
  await withIndex(JSON.stringify(indexOf('a1', 'a2', 'a3', 'about-to-come')), async ({ dir, store, read, settle }) => {
    await dir.putRaw('a2.json', 'torn');
    await store.reread(['a2.json']);
    await settle();
    assert.equal(
      read().accounts.map(({ id, email }) => [id, email]),
      [
        ['a1', 'a1@example.com'],
        ['a2', 'a2@old.example'],
        ['a3', 'a3@example.com'],
        ['about-to-come', 'about-to-come@old.example'],
      ],
    );
  });
});

test('nothing to change: nothing is written', async () => {
  await withIndex(full, async ({ disk, settle }) => {
    await settle();
    const writes = disk.calls.length;
    await settle(5_000);
    await settle();
    assert.is(disk.calls.length, writes);
  });
});

test('one that the other program wrote anew is mended, though no account changed', async () => {
  await withIndex(full, async ({ dir, store, read, settle }) => {
    await store.patch('a1', setProxyDisabled({ at: 1, reason: 'x' }));
    await settle();
    writeFileSync(dir.at('theirs.tmp'), full);
    renameSync(dir.at('theirs.tmp'), dir.at('accounts.json'));
    await settle(2_000);
    await settle();
    assert.is(read().accounts[0]?.proxy_disabled, true);
  });
});

test('what the other program wrote between our reading and our writing is kept', async () => {
  for (const call of ['write', 'close', 'exchange'] as const) {
    await withIndex(full, async ({ dir, disk, store, read, settle }) => {
      await settle();
      let times = 0;
      disk.before(call, () => {
        if (times++ > 0) return;
        const index = read();
        writeFileSync(dir.at('theirs.tmp'), JSON.stringify({ ...index, current_account_id: 'a3' }));
        renameSync(dir.at('theirs.tmp'), dir.at('accounts.json'));
      });
      await store.patch('a1', setProxyDisabled({ at: 1, reason: 'x' }));
      await settle();
      assert.equal([read().current_account_id, read().accounts[0]?.proxy_disabled], ['a3', true], call);
    });
  }
});

test('a byte order mark or NUL bytes in front are taken as the other program takes them; rubbish is left alone', async () => {
  for (const [text, isTaken] of [
    [`\uFEFF${full}`, true],
    [`\0\0${full}`, true],
    [`${full}}`, false],
    ['', false],
    ['[]', false],
    ['{"version":"2.0"}', false],
  ] as const) {
    await withIndex(text, async ({ dir, settle, close }) => {
      await settle();
      await close();
      const left = readFileSync(dir.at('accounts.json'), 'utf8');
      if (isTaken) assert.match(left, /^\{\n {2}"version": "2\.0",[^]*a1@example\.com/);
      else assert.is(left, text);
    });
  }
});

test('what the other program saves right after our write is seen at the next look', async () => {
  await withIndex(full, async ({ dir, disk, read, settle }) => {
    let times = 0;
    disk.before('syncFolder', () => {
      if (times++ > 0) return;
      writeFileSync(dir.at('accounts.tmp'), full);
      renameSync(dir.at('accounts.tmp'), dir.at('accounts.json'));
    });
    await settle();
    assert.is(read().accounts[0]?.email, 'a1@old.example');
    await settle(2_000);
    await settle();
    assert.is(read().accounts[0]?.email, 'a1@example.com');
  });
});

test('one that cannot be read is not read again until it changes', async () => {
  await withIndex('rubbish', async ({ dir, clock, read, settle }) => {
    await settle();
    for (let look = 0; look < 3; look++) {
      await settle(2_000);
      assert.is(clock.due.length, 1, 'nothing but the next look');
    }
    writeFileSync(dir.at('accounts.json'), full);
    await settle(2_000);
    await settle();
    assert.is(read().accounts[0]?.email, 'a1@example.com');
  });
});

test('a disk that is full is tried again', async () => {
  await withIndex(full, async ({ disk, store, read, settle }) => {
    await settle();
    disk.fail('ENOSPC', 'create');
    await store.patch('a1', setProxyDisabled({ at: 1, reason: 'x' }));
    await settle();
    assert.is(read().accounts[0]?.proxy_disabled, false);
    disk.mend();
    await settle(2_000);
    assert.is(read().accounts[0]?.proxy_disabled, true);
  });
});

test('one that was removed while we run is not made anew', async () => {
  await withIndex(full, async ({ dir, store, settle, close }) => {
    await settle();
    rmSync(dir.at('accounts.json'));
    await store.patch('a1', setProxyDisabled({ at: 1, reason: 'x' }));
    await settle();
    await close();
    assert.equal(readdirSync(dir.path), ['accounts']);
  });
});

/** Times as files of other programs have them, and what the index says: always something that its program can read. */
const times: readonly (readonly [what: string, file: Json, created: number | 'now', used: number | 'now'])[] = [
  ['both', { created_at: 7, last_used: 9 }, 7, 9],
  ['no time at all', { created_at: undefined, last_used: undefined }, 'now', 'now'],
  ['no last use', { created_at: 7, last_used: undefined }, 7, 7],
  ['no birth', { created_at: undefined, last_used: 9 }, 9, 9],
  ['null', { created_at: null, last_used: null }, 'now', 'now'],
  ['words', { created_at: '2026-01-01', last_used: 'never' }, 'now', 'now'],
  ['a fraction', { created_at: 7.5, last_used: 9.25 }, 'now', 'now'],
];

for (const isListed of [false, true]) {
  for (const [what, over, created, used] of times) {
    test(`of a file with ${what} the ${isListed ? 'listed' : 'new'} entry can be read by the other program`, () =>
      withIndex(JSON.stringify(indexOf('a1', 'a2', 'a3')), async ({ dir, store, clock, read, settle }) => {
        await dir.put({ id: 'b1', email: 'b1@example.com', ...over });
        if (isListed) {
          const index = read();
          index.accounts.push({ id: 'b1', email: 'b1@example.com' });
          writeFileSync(dir.at('accounts.json'), JSON.stringify(index));
        }
        await store.reread();
        await settle();
        await settle(2_500);
        await settle(2_500);
        const entry = read().accounts.find(({ id }) => id === 'b1');
        const now = Math.floor(clock.now() / 1_000);
        const expected = [created, used].map((at) => (at === 'now' ? now : at));
        const found = [Number(entry?.created_at), Number(entry?.last_used)];
        assert.ok(found.every(Number.isSafeInteger), JSON.stringify(entry));
        assert.ok(
          found.every((at, index) => Math.abs(at - (expected[index] ?? 0)) <= 10),
          `${JSON.stringify(found)}, not ${JSON.stringify(expected)}`,
        );
        assert.equal([typeof entry?.email, entry?.disabled, entry?.proxy_disabled], ['string', false, false]);
      }));
  }
}

test.run();
