/** Credentials that the operator gave while the database was away. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newAccount } from '../../../../src/store/accounts/new-account.js';
import { setProxyDisabled, upsert } from '../../../../src/store/accounts/patches.js';
import { NotSaved } from '../../../../src/store/accounts/stored-account.js';
import { DatabaseAccounts } from '../../../../src/store/database/accounts/database-accounts.js';
import { SpooledCredentials } from '../../../../src/store/database/accounts/spooled-credentials.js';
import { Sealing } from '../../../../src/store/database/sealing.js';
import { systemClock } from '../../../../src/store/ground/clock.js';
import { fingerprint } from '../../../../src/store/ground/fingerprint.js';
import { isJsonObject, type JsonObject } from '../../../../src/store/ground/json.js';
import { account, withDirectory } from '../../../support/directory.js';
import { testDisk } from '../../../support/disk.js';
import { MemoryRows } from '../../../support/memory-rows.js';
import { pause } from '../../../support/pause.js';
import { tokenAnswer } from '../../../support/token-answer.js';

const pasted = '1//0pasted';
const credential = {
  ...{ email: 'anna@example.com', name: null, refreshToken: pasted, clientKey: 'default' },
  answer: tokenAnswer('ya29.pasted'),
};
const sealing = new Sealing('a pool', randomBytes(32));
const tokenIn = (json: JsonObject | null | undefined): unknown =>
  isJsonObject(json?.token) ? json.token.refresh_token : undefined;

interface Opened {
  readonly rows: MemoryRows;
  readonly spool: SpooledCredentials;
  readonly store: DatabaseAccounts;
  readonly folder: string;
  readonly disk: ReturnType<typeof testDisk>;
}

/** A store whose database is away. */
const withStore = (use: (opened: Opened) => Promise<void>): Promise<void> =>
  withDirectory(async (dir) => {
    const rows = new MemoryRows(0);
    rows.put('a1', account());
    const [folder, disk] = [dir.at('spool'), testDisk()];
    const spool = await SpooledCredentials.open(folder, sealing, disk);
    const store = await DatabaseAccounts.open({
      ...{ rows, news: rows.news, clock: systemClock, spool, successorOf: () => null },
    });
    const unfollow = store.follow();
    rows.reach = 'none';
    try {
      await use({ rows, spool, store, folder, disk });
    } finally {
      unfollow();
      store.close();
    }
  });

const notSaved = async (work: Promise<unknown>): Promise<void> => {
  assert.instance(await work.catch((error: unknown) => error), NotSaved);
};

test('what is pasted lies sealed on the disk before it is said not to be saved; nothing of it would be lost', () =>
  withStore(async ({ rows, store, spool, folder }) => {
    await notSaved(store.patch('a1', upsert(credential)));
    const [name = ''] = readdirSync(folder);
    assert.is(name, `account-${fingerprint('a1')}`);
    const sealed = Buffer.from(readFileSync(join(folder, name), 'utf8'), 'base64').toString('latin1');
    assert.not.match(sealed, /1\/\/0|ya29|auth0|anna/);
    assert.ok(store.get('a1')?.notSaved, 'its row says so');
    assert.equal(store.get('a1')?.unsaved, []);
    assert.equal(await store.flush(), []);
    await notSaved(store.patch('a1', setProxyDisabled({ at: 1, reason: '' })));
    assert.equal(store.get('a1')?.unsaved, ['that it was taken out of the proxy or put back']);
    rows.reach = 'works';
    await store.flush();
    while (readdirSync(folder).length > 0) await pause(1);
    assert.is(spool.size, 0);
    assert.is(tokenIn(rows.at('a1')?.json), pasted);
  }));

test('one that cannot be spooled is in memory alone, and counts as not saved', () =>
  withStore(async ({ store, disk }) => {
    disk.fail('ENOSPC', 'create');
    await notSaved(store.patch('a1', upsert(credential)));
    assert.equal(store.get('a1')?.unsaved, ['the refresh token it was re-added with']);
  }));

test('an account that is removed meanwhile by another box comes back with what was pasted', () =>
  withStore(async ({ rows, store, spool }) => {
    await notSaved(store.patch('a1', upsert(credential)));
    rows.put('a1', account(), { removed: true });
    rows.reach = 'works';
    await store.reload();
    await store.flush();
    assert.equal([rows.at('a1')?.removed, tokenIn(rows.at('a1')?.json)], [false, pasted]);
    while (spool.size > 0) await pause(1);
  }));

const trashInto = (kept: JsonObject[]) => ({
  keepReplaced(id: string, json: JsonObject) {
    kept.push(json);
    return Promise.resolve({ kind: 'replaced' as const, id, file: 'replaced', at: 1 });
  },
});

interface Late {
  readonly name: string;
  /** What became of the row while this box did not run; null: it is gone. */
  readonly row: JsonObject | null;
  readonly removed?: boolean;
  readonly token: unknown;
  readonly aside?: boolean;
}

const dead = { disabled: true, disabled_at: 1, disabled_reason: 'invalid_grant' };
const lates: readonly Late[] = [
  { name: 'nothing', row: account(), token: pasted },
  { name: 'it is disabled', row: account({ refreshToken: '1//0another', ...dead }), token: pasted },
  { name: 'another box re-added it', row: account({ refreshToken: '1//0newer' }), token: '1//0newer', aside: true },
  { name: 'it was delivered already', row: account({ refreshToken: pasted }), token: pasted },
  { name: 'and has rotated since', row: account({ refreshToken: '1//0rotated' }), token: '1//0rotated' },
  { name: 'it was removed', row: account(), removed: true, token: pasted },
  { name: 'its row is gone', row: null, token: pasted },
];

for (const { name, row, removed = false, token, aside = false } of lates)
  test(`what a killed box had spooled is delivered at its next start; meanwhile: ${name}`, () =>
    withStore(async ({ rows, store, folder, disk }) => {
      await notSaved(store.patch('a1', upsert(credential)));
      store.close();
      if (row === null) rows.delete('a1');
      else rows.put('a1', row, { removed });
      rows.reach = 'works';
      const again = await SpooledCredentials.open(folder, sealing, disk);
      assert.ok(again.holds(fingerprint(pasted)));
      const kept: JsonObject[] = [];
      const isRotated = name === 'and has rotated since';
      const lastOf = (sent: string): Promise<string> => Promise.resolve(isRotated ? '1//0rotated' : sent);
      for (const one of again.list()) await again.deliver(one, { rows, lastOf, trash: trashInto(kept) });
      const now = rows.at('a1');
      assert.equal([tokenIn(now?.json), now?.removed, now?.json?.disabled], [token, false, false]);
      assert.equal(kept.map(tokenIn), aside ? [pasted] : []);
      assert.equal(readdirSync(folder), []);
    }));

test('a new account that a killed box had spooled is there, or goes to the one of the same person', () =>
  withStore(async ({ rows, store, folder, disk }) => {
    const eve = { ...credential, email: 'Eve@example.com', refreshToken: '1//0eve' };
    await notSaved(store.create('e1', newAccount('e1', eve, 1)));
    const [waiting] = (await SpooledCredentials.open(folder, sealing, disk)).list();
    assert.equal([waiting?.id, waiting?.replaces, tokenIn(waiting?.json)], ['e1', null, '1//0eve']);
    store.close();
    rows.reach = 'works';
    for (const there of [null, 'e2'] as const) {
      const [id, other] = there === null ? ['e1', 'e2'] : ['e2', 'e1'];
      rows.delete('e1');
      if (there !== null) rows.put('e2', account({ id: 'e2', email: 'eve@example.com', ...dead }));
      const again = await SpooledCredentials.open(folder, sealing, disk);
      if (waiting !== undefined) await again.keep(waiting);
      const to = { rows, lastOf: (sent: string) => Promise.resolve(sent), trash: trashInto([]) };
      for (const one of again.list()) await again.deliver(one, to);
      assert.is(tokenIn(rows.at(id)?.json), '1//0eve');
      assert.is(rows.at(other), undefined);
    }
  }));

test.run();
