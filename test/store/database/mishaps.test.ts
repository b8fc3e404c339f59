/** What happens to a server under a pool in use: each is one line with what to do, and nothing is lost. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NotSaved } from '../../../src/store/accounts/stored-account.js';
import { setProxyDisabled } from '../../../src/store/accounts/patches.js';
import { openPool } from '../../../src/store/database/open-pool.js';
import { rekey } from '../../../src/store/database/upkeep/rekey.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import type { Landing } from '../../../src/store/state/exchange-store.js';
import { withPool, type TestBox, type TestPool } from '../../support/boxes.js';
import { account } from '../../support/directory.js';
import { pause } from '../../support/pause.js';
import { testOnPostgres } from '../../support/postgres.js';
import { tokenAnswer } from '../../support/token-answer.js';

const sent = '1//0test-refresh-token-of-a1';
const next = '1//0what-took-its-place';
const a1 = account({ id: 'a1' });
const off = setProxyDisabled({ at: 5, reason: 'by hand' });

const until = async (what: () => unknown): Promise<void> => {
  for (let waited = 0; (await what()) !== true; waited += 5) {
    if (waited > 8000) throw new Error(`not in time: ${what.toString()}`);
    await pause(5);
  }
};

/** From now on the server has no room for another row in this table. @returns makes room */
async function fill({ sql }: TestPool, table: string): Promise<() => Promise<unknown>> {
  await sql(`create or replace function {full_disk}() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file "base/5/16384": No space left on device' using errcode = '53100'; end $$`);
  await sql(`create trigger full_disk before insert or update on {${table}} execute function {full_disk}()`);
  return () => sql(`drop trigger full_disk on {${table}}`);
}

const ends: (() => Promise<void>)[] = [];

const whyNotSaved = ({ accounts }: TestBox): string | null => accounts.get('a1')?.notSaved ?? null;

const rotation = (box: TestBox): Landing => ({
  ...{ sent, rotated: next, issuer: null, holders: box.accounts.holding(sent) },
  answer: { ...tokenAnswer('ya29.new'), expiresIn: 3599, expiresAt: Math.floor(Date.now() / 1000) + 3599 },
  grant: { firstSeen: 1, lastOk: 2, rotated: true },
});

testOnPostgres(
  'a full disk of the server: what is not saved says so, is tried again, and a rotated token is spooled',
  (server) =>
    withPool(server, [a1], async (pool) => {
      const box = await pool.box('box-a');
      const makeRoom = await fill(pool, 'account');
      const failed = await box.accounts.patch('a1', off).then(
        () => null,
        (error: unknown) => error,
      );
      assert.instance(failed, NotSaved);
      assert.match(whyNotSaved(box) ?? '', /^the disk of .* is full or failing \(53100\); make room there$/);
      assert.equal(box.accounts.get('a1')?.account?.proxyDisabled?.reason, 'by hand', 'it counts in memory');
      await box.exchanges.permit(sent, 'refresh');
      await box.exchanges.land(rotation(box)).catch(() => undefined);
      assert.is(box.accounts.get('a1')?.account?.refreshToken, next, 'it serves');
      assert.is(box.exchanges.spooled, 1);
      await makeRoom();
      await until(async () => (await pool.sql('select grant_fp from {account}'))[0]?.grant_fp === fingerprint(next));
      await until(() => box.exchanges.spooled === 0);
      await until(async () => (await pool.get('a1'))?.proxy_disabled === true);
      assert.is(whyNotSaved(box), null);
    }),
);

testOnPostgres('a rotated token that waits in the spool over a restart is not spooled once more', (server) =>
  withPool(server, [a1], async (pool) => {
    const box = await pool.box('box-a');
    const makeRoom = await fill(pool, 'account');
    await box.exchanges.permit(sent, 'refresh');
    await box.exchanges.land(rotation(box)).catch(() => undefined);
    await box.kill();
    const again = await pool.box('box-a', { stateFolder: box.stateFolder });
    await until(() => whyNotSaved(again) !== null);
    assert.is(again.accounts.get('a1')?.account?.refreshToken, next, 'it serves');
    assert.is(again.exchanges.spooled, 1);
    assert.equal(again.accounts.get('a1')?.unsaved, []);
    await makeRoom();
    await until(() => again.exchanges.spooled === 0);
  }),
);

testOnPostgres('a server that is set to read only is lost until it is not: serves on, and loses nothing', (server) =>
  withPool(server, [a1], async (pool) => {
    const box = await pool.box('box-a');
    await pool.sql('alter system set default_transaction_read_only = on');
    await pool.sql('select pg_reload_conf()');
    await until(
      async () => (await server.sql('show default_transaction_read_only'))[0]?.default_transaction_read_only === 'on',
    );
    await box.accounts.patch('a1', off).catch(() => undefined);
    await until(() => box.pool.database.trouble?.includes('is set to read only') === true);
    assert.is(await box.exchanges.permit(sent, 'refresh').then(({ kind }) => kind === 'granted'), false);
    await server.sql('set default_transaction_read_only = off');
    await server.sql('alter system reset default_transaction_read_only');
    await server.sql('select pg_reload_conf()');
    await until(() => box.pool.database.isUp);
    await until(async () => (await pool.get('a1'))?.proxy_disabled === true);
  }),
);

testOnPostgres('rows that were changed by hand are read as they are, or are unreadable and left alone', (server) =>
  withPool(server, [a1], async (pool) => {
    const box = await pool.box('box-a');
    const said = (): string | null => box.accounts.get('a1')?.unreadable ?? null;
    const changes: readonly (readonly [set: string, says: RegExp | null])[] = [
      [`doc = doc || '{"proxy_disabled": true, "proxy_disabled_reason": "by hand"}'`, null],
      [`secret = 'nothing sealed'`, /./],
      [`secret = null`, /./],
      [`doc = '[]'`, /./],
      [`doc = null`, /./],
      [`grant_fp = 'x'`, null],
    ];
    for (const [set, says] of changes) {
      const [before] = await pool.sql('select * from {account}');
      await pool.sql(`update {account} set ${set}, version = version + 1, changed_at = clock_timestamp()`);
      const [changed] = await pool.sql('select * from {account}');
      if (says === null) {
        if (set.startsWith('doc'))
          await until(() => box.accounts.get('a1')?.account?.proxyDisabled?.reason === 'by hand');
        else await pause(1200);
      } else {
        await until(() => says.test(said() ?? ''));
        assert.not.match(said() ?? '', /\n|refresh-token-of/);
        await box.accounts.patch('a1', off).catch(() => undefined);
        assert.equal((await pool.sql('select * from {account}'))[0], changed, 'never written');
        assert.is.not((await box.exchanges.permit(sent, 'refresh')).kind, 'granted');
      }
      const columns = ['doc', 'secret', 'grant_fp'].map((column, at) => `${column} = $${at + 1}`).join(', ');
      const values = [before?.doc === null ? null : JSON.stringify(before?.doc), before?.secret, before?.grant_fp];
      await pool.sql(`update {account} set ${columns}, version = version + 1, changed_at = clock_timestamp()`, values);
      await until(() => said() === null);
    }
  }),
);

testOnPostgres('a token whose successor does not open is not sent, also by who insists on it', (server) =>
  withPool(server, [a1], async (pool) => {
    const box = await pool.box('box-a');
    await pool.sql(`insert into {successor} (token_fp, secret) values ($1, 'nothing sealed')`, [fingerprint(sent)]);
    for (const sending of ['refresh', 'test', 'probe'] as const) {
      const permit = await box.exchanges.permit(sent, sending);
      assert.is(permit.kind, 'away', sending);
      assert.match(permit.kind === 'away' ? permit.why : '', /^what took the place of its refresh token does not open/);
    }
    assert.equal(await pool.sql('select 1 from {exchange} where open'), []);
    await pool.sql('delete from {successor}');
    assert.is((await box.exchanges.permit(sent, 'refresh')).kind, 'granted');
  }),
);

testOnPostgres('rekey while boxes write: every secret opens with the new key, and none is lost', (server) =>
  withPool(
    server,
    Array.from({ length: 40 }, (_, at) => account({ id: `n${at}` })),
    async (pool) => {
      const key = `base64:${Buffer.alloc(32, 7).toString('base64')}`;
      const given = { ...pool.given, key, oldKeys: [pool.given.key], box: 'rekeying' };
      // as the document has it: each box can read what the new key seals, before anything is sealed with it
      pool.given.oldKeys.push(key);
      const box = await pool.box('box-a');
      const { database, sealing } = await openPool(given, { clock: systemClock, waitMs: 5000 });
      ends.push(() => database.close());
      const rekeying = { isOver: false };
      const writing = (async () => {
        let at = 0;
        for (; !rekeying.isOver || at < 40; at++)
          await box.accounts.patch(`n${at % 40}`, setProxyDisabled({ at, reason: `round ${at}` }));
        return at;
      })();
      const { unreadable } = await rekey(database, sealing);
      rekeying.isOver = true;
      const last = (await writing) - 1;
      assert.equal(unreadable, []);
      // what a box with the old key wrote meanwhile is sealed by a second run
      await rekey(database, sealing);
      const rows = await pool.sql<{ id: string; secret: Buffer }>('select id, secret from {account}');
      for (const { id, secret } of rows)
        assert.ok(
          sealing.isCurrent(secret) && sealing.open({ table: 'account', row: id, column: 'secret' }, secret) !== null,
        );
      const reason = `select doc->>'proxy_disabled_reason' as reason from {account} where id = $1`;
      assert.is((await pool.sql(reason, [`n${last % 40}`]))[0]?.reason, `round ${last}`);
    },
  ),
);

test.after(async () => {
  for (const end of ends) await end();
});

test.run();
