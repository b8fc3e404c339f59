/** Who may send a refresh token, and what an answer changes, when several boxes have the same accounts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Account } from '../../../../src/store/accounts/account.js';
import { setProject, upsert } from '../../../../src/store/accounts/patches.js';
import { DatabaseAway } from '../../../../src/store/database/database-errors.js';
import { Leases } from '../../../../src/store/database/exchanges/leases.js';
import { Lapses } from '../../../../src/store/database/lapses.js';
import { openShared } from '../../../../src/store/database/exchanges/open-shared.js';
import { fingerprint } from '../../../../src/store/ground/fingerprint.js';
import type { JsonObject } from '../../../../src/store/ground/json.js';
import type { Landing } from '../../../../src/store/state/exchange-store.js';
import { ownMemory, withPool, type TestBox, type TestPool } from '../../../support/boxes.js';
import { setClock } from '../../../support/clock.js';
import { account } from '../../../support/directory.js';
import { testDisk } from '../../../support/disk.js';
import { pause } from '../../../support/pause.js';
import { testOnPostgres } from '../../../support/postgres.js';
import { tokenAnswer } from '../../../support/token-answer.js';

const sent = '1//0test-refresh-token-of-a1';
const next = '1//0what-took-its-place';
const a1 = account({ id: 'a1' });
const refused = { at: 1_800_000_000, cause: 'revoked', reason: 'invalid_grant: gone' };
const now = (): number => Math.floor(Date.now() / 1000);

const onPool = (what: string, use: (pool: TestPool) => Promise<void>, accounts: readonly JsonObject[] = [a1]): void =>
  testOnPostgres(what, (server) => withPool(server, accounts, use));

const held = ({ accounts }: TestBox, id = 'a1'): Account => {
  const found = accounts.get(id)?.account;
  if (found === null || found === undefined) throw new Error(`${id} is gone`);
  return found;
};

const landing = (box: TestBox, over: Partial<Landing> = {}): Landing => ({
  sent,
  rotated: next,
  answer: { ...tokenAnswer('ya29.new'), expiresIn: 3599, expiresAt: now() + 3599 },
  issuer: null,
  holders: box.accounts.holding(over.sent ?? sent),
  grant: { firstSeen: now(), lastOk: now(), rotated: true },
  ...over,
});

const condemn = (box: TestBox, token = sent) =>
  box.exchanges.condemn({ sent: token, refused, accounts: box.accounts.holding(token) });
const kindOf = async (box: TestBox, token = sent, sending: 'refresh' | 'test' | 'probe' = 'refresh') =>
  (await box.exchanges.permit(token, sending)).kind;
const lease = async (pool: TestPool, token = sent) =>
  (await pool.sql('select * from {exchange} where token_fp = $1', [fingerprint(token)]))[0];
/** The lease of a token was taken so long before. */
const age = (pool: TestPool, by: string) =>
  pool.sql(`update {exchange} set taken_at = taken_at - $1::interval, until = until - $1::interval`, [by]);
const until = async (what: () => unknown): Promise<void> => {
  while (what() !== true) await pause(5);
};
const grantFp = async (pool: TestPool) => (await pool.sql('select grant_fp from {account}'))[0]?.grant_fp;

onPool('one box may send a token, for 90 s of the database; another is told who has it', async (pool) => {
  const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
  assert.equal(await a.exchanges.permit(sent, 'refresh'), { kind: 'granted', doubt: null });
  const other = await b.exchanges.permit(sent, 'refresh');
  assert.ok(other.kind === 'held' && other.box === 'box-a', JSON.stringify(other));
  assert.is(await kindOf(b, sent, 'test'), 'held', 'not by the operator either');
  const [row] = await pool.sql(`select extract(epoch from until - taken_at)::int as s, open, account from {exchange}`);
  assert.equal(row, { s: 90, open: true, account: 'a1' });
  assert.is(await kindOf(a), 'granted', 'the box that has it may send it with another client');
  a.exchanges.letGo(sent);
  await a.exchanges.settled();
  assert.is(await kindOf(b), 'granted');
});

onPool(
  'what another box lands once an exchange is wanted is adopted, also where memory hears of it first',
  async (pool) => {
    const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
    assert.is(await kindOf(a), 'granted');
    const over = b.exchanges.intend(sent);
    assert.is(await kindOf(b), 'held');
    await a.exchanges.land(landing(a, { rotated: null }));
    await until(() => held(b).accessToken === 'ya29.new');
    assert.is(await kindOf(b), 'adopted');
    assert.equal([(await lease(pool))?.open, (await lease(pool))?.outcome], [false, 'adopted']);
    over();
    assert.is(await kindOf(b), 'granted', 'one that is wanted after that is sent');
  },
);

onPool(
  'an answer that lands in a row that was put back to an older state brings all that memory knows of it',
  async (pool) => {
    const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
    await pool.sql('create table older as table {account}');
    try {
      await a.accounts.patch('a1', setProject('p-1'));
      await until(() => held(b).projectId === 'p-1');
      assert.is(await kindOf(a), 'granted');
      await pool.sql('with gone as (delete from {account}) select 1');
      await pool.sql('insert into {account} table older');
      await a.exchanges.land(landing(a, { rotated: null }));
      await until(() => held(b).accessToken === 'ya29.new');
      assert.equal([held(a).projectId, held(b).projectId], ['p-1', 'p-1']);
      assert.match(JSON.stringify(await pool.get('a1')), /"p-1"/);
    } finally {
      await pool.sql('drop table older');
    }
  },
);

onPool('what ends one exchange late does not end the lease of the next one of the same token', async (pool) => {
  const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
  assert.is(await kindOf(a), 'granted');
  await pool.sql('alter table {exchange} add constraint none_ends check (open) not valid');
  a.exchanges.letGo(sent);
  await a.exchanges.settled();
  await pool.sql('alter table {exchange} drop constraint none_ends');
  await pool.sql('update {exchange} set open = false');
  assert.is(await kindOf(a), 'granted', 'the next exchange');
  await a.exchanges.settled();
  assert.is((await lease(pool))?.open, true);
  assert.is(await kindOf(b), 'held', 'nobody else may send it meanwhile');
});

onPool('a lease that ends while it is asked who has it is no refusal', async (pool) => {
  const a = await pool.box('box-a');
  await a.exchanges.permit(sent, 'refresh');
  a.exchanges.letGo(sent);
  await a.exchanges.settled();
  const leases = new Leases({ name: 'box-b', boot: 'b' });
  assert.is((await leases.whyNot(fingerprint(sent), a.pool.database)).kind, 'held');
});

onPool('a newer access token that another box got is adopted, and nothing is sent', async (pool) => {
  const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
  // box-b hears nothing of it before it has the lease
  b.wire.freeze();
  await a.exchanges.permit(sent, 'refresh');
  await a.exchanges.land(landing(a, { rotated: null, grant: { firstSeen: now() } }));
  assert.is(held(b).accessToken, 'ya29.stale-a1');
  // whoever wants an exchange says so first: the news may come before the lease
  const over = b.exchanges.intend(sent);
  b.wire.thaw();
  assert.is(await kindOf(b), 'adopted');
  over();
  assert.is(held(b).accessToken, 'ya29.new');
  assert.equal((await lease(pool))?.outcome, 'adopted');
});

onPool('a rotated token goes to the row, its successor and the grant in one step, and is heard', async (pool) => {
  const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
  await a.exchanges.permit(sent, 'refresh');
  const done = a.exchanges.land(landing(a));
  assert.is(held(a).refreshToken, next, 'in memory at once');
  await done;
  assert.is(await grantFp(pool), fingerprint(next));
  assert.equal([(await lease(pool))?.open, (await lease(pool))?.outcome], [false, 'landed']);
  assert.equal(
    (await pool.sql('select token_fp from {grant_record}')).map(({ token_fp }) => token_fp),
    [fingerprint(next)],
  );
  assert.equal(
    (await pool.sql('select token_fp, box from {successor}')).map((row) => [row.token_fp, row.box]),
    [[fingerprint(sent), 'box-a']],
  );
  await until(() => held(b).refreshToken === next);
  assert.equal(readdirSync(join(a.stateFolder, 'spool')), [], 'nothing waits any more');
  assert.is(a.accounts.get('a1')?.notSaved, null);
});

onPool(
  'a change of a row that is as it is known is one statement; any other is applied to what stands there',
  async (pool) => {
    const { accounts, pool: own } = await pool.box('box-a');
    const { database } = own;
    const transaction = database.transaction.bind(database);
    let transactions = 0;
    database.transaction = (act) => {
      transactions += 1;
      return transaction(act);
    };
    await accounts.patch('a1', setProject('first'));
    assert.is(transactions, 0);
    await pool.sql(`update {account} set doc = doc || '{"name":"by hand"}', version = version + 1`);
    await accounts.patch('a1', setProject('second'));
    assert.is(transactions, 1);
    const now = await pool.get('a1');
    assert.is(now?.name, 'by hand');
    assert.is(accounts.get('a1')?.account?.projectId, 'second');
    assert.equal(now, accounts.json('a1'));
  },
);

onPool('a row that somebody keeps locked is waited for, and the database is not taken for lost', async (pool) => {
  const a = await pool.box('box-a');
  await a.exchanges.permit(sent, 'refresh');
  // as a box that was cut off in the middle of a transaction leaves it
  const locker = new pg.Client({ connectionString: pool.server.url });
  await locker.connect();
  await locker.query('begin');
  await locker.query(`select from "${pool.given.schema}".account for update`);
  let losses = 0;
  a.pool.database.onDown(() => (losses += 1));
  const done = a.exchanges.land(landing(a));
  await pause(1_200);
  await locker.end();
  await done;
  assert.is(await grantFp(pool), fingerprint(next));
  assert.is(losses, 0);
});

onPool('a verdict disables by compare-and-set, is remembered, and no other box sends the token', async (pool) => {
  const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
  await a.exchanges.permit(sent, 'refresh');
  const done = condemn(a);
  assert.is(held(a).disabled?.reason, refused.reason, 'out of the pool at once');
  assert.is((await done).size, 0);
  await until(() => held(b).disabled !== null);
  assert.is(await kindOf(b), 'refused');
  assert.is(await kindOf(b, sent, 'test'), 'granted', 'the operator may insist');
});

onPool('a re-add while a verdict of another box is under way: the verdict hits no row and is dropped', async (pool) => {
  const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
  await a.exchanges.permit(sent, 'refresh');
  a.wire.freeze();
  const credential = { email: 'anna@example.com', name: null, refreshToken: '1//0re-added', clientKey: 'default' };
  await b.accounts.patch('a1', upsert({ ...credential, answer: tokenAnswer('ya29.re-added') }));
  const done = condemn(a);
  a.wire.thaw();
  await done;
  const json = await pool.get('a1');
  assert.equal([json?.disabled, (json?.token as JsonObject).refresh_token], [false, '1//0re-added']);
  assert.is(held(a).refreshToken, '1//0re-added');
  assert.is(held(a).disabled, null);
});

onPool('what took a token’s place is looked up before any sending and any verdict', async (pool) => {
  const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
  b.wire.freeze();
  await a.exchanges.permit(sent, 'refresh');
  await a.exchanges.land(landing(a));
  // somebody restores the row from an old backup
  await pool.put({ ...a1 });
  b.wire.thaw();
  const permit = await b.exchanges.permit(sent, 'test');
  assert.equal(permit, { kind: 'replaced', by: next });
  assert.is(held(b).refreshToken, next);
  await pool.put({ ...a1 });
  await condemn(b);
  await until(() => held(b).refreshToken === next);
  assert.is((await pool.get('a1'))?.disabled, false);
  await until(() => held(a).refreshToken === next);
});

onPool('a pasted token that was replaced is not sent: what took its place is', async (pool) => {
  const a = await pool.box('box-a');
  await a.exchanges.permit(sent, 'refresh');
  await a.exchanges.land(landing(a));
  assert.equal(await a.exchanges.permit(sent, 'probe'), { kind: 'replaced', by: next });
});

onPool('a box that was told what took a token’s place never lets an account hold it again', async (pool) => {
  const a = await pool.box('box-a');
  await a.exchanges.permit(sent, 'refresh');
  await a.exchanges.land(landing(a));
  const credential = { email: 'anna@example.com', name: null, refreshToken: sent, clientKey: 'default' };
  await a.accounts.patch('a1', upsert({ ...credential, answer: tokenAnswer('ya29.old') }));
  assert.is(await grantFp(pool), fingerprint(next));
  // the database forgets its last second: row and successor
  await pool.sql('delete from {successor}');
  await pool.put({ ...a1 });
  while ((await grantFp(pool)) !== fingerprint(next)) await pause(5);
  assert.is(held(a).refreshToken, next);
});

onPool(
  'without the database nothing is sent; a rotated token is spooled, serves, and is delivered later',
  async (pool) => {
    const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
    await a.exchanges.permit(sent, 'refresh');
    a.wire.refuse();
    await until(() => !a.pool.database.isUp);
    await a.exchanges.land(landing(a));
    assert.is(held(a).refreshToken, next);
    assert.equal(readdirSync(join(a.stateFolder, 'spool')), [fingerprint(sent)]);
    const text = readFileSync(join(a.stateFolder, 'spool', fingerprint(sent)), 'utf8');
    assert.not.match(Buffer.from(text, 'base64').toString('latin1'), /1\/\/0|ya29/);
    assert.is(a.exchanges.spooled, 1);
    assert.is(await kindOf(a, next), 'away');
    assert.is(await kindOf(a, '1//0never-seen', 'probe'), 'granted', 'a token that nobody in the pool can have');
    assert.is(await kindOf(a, next, 'probe'), 'away');
    let backs = 0;
    a.exchanges.onBack(() => void (backs += 1));
    a.wire.thaw();
    await until(() => backs === 1);
    await until(() => held(b).refreshToken === next);
    assert.is(a.exchanges.spooled, 0);
    assert.equal((await lease(pool))?.outcome, 'landed');
  },
);

onPool('a box that was killed delivers its spool first at its next start, then closes its leases', async (pool) => {
  const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
  await a.exchanges.permit('1//0of-nobody', 'probe');
  await a.exchanges.permit(sent, 'refresh');
  a.wire.refuse();
  await until(() => !a.pool.database.isUp);
  await a.exchanges.land(landing(a));
  await a.kill();
  await pool.sql(
    `update {account} set doc = doc || '{"disabled": true, "disabled_reason": "invalid_grant: in doubt"}'`,
  );
  const again = await pool.box('box-a', { stateFolder: a.stateFolder });
  assert.is(held(again).refreshToken, next);
  assert.is(held(again).disabled, null, 'a late delivery re-enables by itself');
  await until(() => held(b).refreshToken === next);
  assert.equal((await lease(pool))?.outcome, 'landed');
  assert.equal((await lease(pool, '1//0of-nobody'))?.outcome, 'unknown');
  assert.is(again.exchanges.spooled, 0);
});

onPool('a start that is given up because the database was lost tries nothing again', async (pool) => {
  const a = await pool.box('box-a');
  const { database, sealing } = a.pool;
  a.wire.refuse();
  await until(() => !database.isUp);
  const clock = setClock();
  const lapses = new Lapses(clock);
  const listening = {
    lapses,
    onTold: () => () => undefined,
    onSecond: () => undefined,
    onWhole: () => undefined,
    rows: () => Promise.resolve([]),
  };
  const trash = { keepReplaced: () => Promise.reject(new Error('nothing is replaced')) };
  const opening = openShared({
    ...{ database, sealing, listening, clock, trash, disk: testDisk(), stateFolder: a.stateFolder },
    ...{ box: { name: 'box-a', boot: 'the next' }, stillRunning: [], state: ownMemory(a.state) },
  });
  assert.instance(await opening.catch((error: unknown) => error), DatabaseAway);
  assert.equal(clock.due, []);
});

onPool(
  'a successor leaves the leases of the process that hands over to it; the one after it closes them',
  async (pool) => {
    const a = await pool.box('box-a');
    await a.exchanges.permit(sent, 'refresh');
    const stateFolder = a.stateFolder;
    const successor = await pool.box('box-a', { stateFolder, predecessor: a });
    assert.is((await lease(pool))?.open, true, 'it may be waiting for the answer');
    assert.is(await kindOf(successor), 'held');
    await a.exchanges.land(landing(a));
    await until(() => held(successor).refreshToken === next);
    await a.exchanges.permit(next, 'refresh');
    await a.kill();
    await pool.box('box-a', { stateFolder });
    assert.is((await lease(pool, next))?.outcome, 'unknown');
  },
);

onPool('doubt: a token that never rotated is taken over as soon as the lease has run out', async (pool) => {
  const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
  await a.exchanges.permit(sent, 'refresh');
  await a.kill();
  await age(pool, '91 s');
  const permit = await b.exchanges.permit(sent, 'refresh');
  assert.ok(permit.kind === 'granted' && permit.doubt?.box === 'box-a', JSON.stringify(permit));
  assert.ok(Math.abs(permit.doubt.at - Date.now() + 91_000) < 10_000);
});

onPool('doubt: a token that has rotated waits ten minutes more, but not for the operator', async (pool) => {
  const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
  await pool.sql(`insert into {grant_record} values ($1, '{"firstSeen": 1, "rotated": true}')`, [fingerprint(sent)]);
  await a.exchanges.permit(sent, 'refresh');
  await a.kill();
  await age(pool, '2 min');
  const permit = await b.exchanges.permit(sent, 'refresh');
  assert.ok(permit.kind === 'doubt' && permit.box === 'box-a', JSON.stringify(permit));
  assert.ok(Math.abs(permit.leftMs - 570_000) < 10_000);
  assert.is(await kindOf(b, sent, 'test'), 'granted');
  b.exchanges.letGo(sent);
  await b.exchanges.settled();
  await pool.sql('update {exchange} set open = true');
  await age(pool, '12 min');
  assert.is(await kindOf(b), 'granted', 'and the schedule after ten minutes');
});

onPool('a spool that cannot be written: straight to the database; failing both, memory and a banner', async (pool) => {
  const disk = testDisk();
  const a = await pool.box('box-a', { disk });
  await a.exchanges.permit(sent, 'refresh');
  disk.fail('ENOSPC', 'create');
  await a.exchanges.land(landing(a));
  assert.is(await grantFp(pool), fingerprint(next));
  assert.is(a.exchanges.notSpooled, null);
  await a.exchanges.permit(next, 'refresh');
  a.wire.refuse();
  await until(() => !a.pool.database.isUp);
  await a.exchanges.land(landing(a, { sent: next, rotated: '1//0third' }));
  assert.match(a.exchanges.notSpooled ?? '', /ENOSPC/);
  assert.is(held(a).refreshToken, '1//0third');
  assert.ok(a.accounts.get('a1')?.notSaved);
  a.wire.thaw();
  await until(() => a.exchanges.notSpooled === null);
  assert.is(await grantFp(pool), fingerprint('1//0third'));
});

onPool('partition, then back: what a database has lost is written back, newer rows are taken in', async (pool) => {
  const b1 = account({ id: 'b1', email: 'ben@example.com' });
  await pool.put(b1);
  const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
  await a.exchanges.permit(sent, 'refresh');
  await a.exchanges.land(landing(a));
  a.wire.refuse();
  await until(() => !a.pool.database.isUp);
  // a replica that lagged behind is promoted: the last writes are gone
  await pool.sql('delete from {successor}');
  await pool.sql(`delete from {account} where id = 'b1'`);
  await pool.sql(`delete from {account} where id = 'a1'`);
  await pool.put(a1);
  await pool.put(account({ id: 'c1', email: 'cleo@example.com' }));
  b.wire.refuse();
  await until(() => !b.pool.database.isUp);
  a.wire.thaw();
  b.wire.thaw();
  await until(() => a.accounts.get('c1') !== undefined);
  await until(() => a.pool.database.isUp && b.pool.database.isUp);
  for (;;) {
    const rows = await pool.sql('select id, grant_fp from {account} order by id');
    if (rows.length === 3 && rows[0]?.grant_fp === fingerprint(next)) break;
    await pause(10);
  }
  await until(() => held(b).refreshToken === next);
});

onPool('nothing is sent for a second and a half after a reconnect', async (pool) => {
  const a = await pool.box('box-a');
  a.wire.refuse();
  await until(() => !a.pool.database.isUp);
  a.wire.thaw();
  await until(() => a.pool.database.isUp);
  const at = performance.now();
  assert.is(await kindOf(a), 'granted');
  assert.ok(performance.now() - at > 1_300, `${performance.now() - at} ms`);
});

onPool(
  'a replica that lagged behind is promoted: what it does not know is told to it, and nobody sends',
  async (pool) => {
    const { server } = pool;
    const lag = await server.relay();
    const replica = await server.replica(lag.port);
    const elsewhere = replica.url;
    const [a, b] = [await pool.box('box-a', { elsewhere }), await pool.box('box-b', { elsewhere })];
    lag.freeze();
    await a.exchanges.permit(sent, 'refresh');
    await a.exchanges.land(landing(a));
    await until(() => held(b).refreshToken === next);
    await server.stop('immediate');
    const [row] = await replica.sql(`select grant_fp from "${pool.given.schema}".account`);
    assert.is(row?.grant_fp, fingerprint(sent), 'it lags');
    await replica.promote();
    await until(() => a.pool.database.isUp && b.pool.database.isUp);
    assert.is(a.pool.database.isQuiet, true, 'nothing is sent meanwhile');
    for (;;) {
      const [now] = await replica.sql(`select grant_fp from "${pool.given.schema}".account`);
      if (now?.grant_fp === fingerprint(next)) break;
      await pause(5);
    }
    assert.equal([held(a).refreshToken, held(b).refreshToken], [next, next]);
    assert.equal(await b.exchanges.permit(sent, 'probe'), { kind: 'replaced', by: next });
    assert.is(await kindOf(b, next), 'granted');
    await server.start();
  },
);

onPool('a box that is cut off in the middle of a transaction stands in nobody’s way for long', async (pool) => {
  const [a, b] = [await pool.box('box-a'), await pool.box('box-b')];
  const holding = a.pool.database.transaction(async (statements) => {
    await statements.run(`update {account} set email = email where id = 'a1'`);
    a.wire.freeze();
    await statements.run('select 1');
  });
  await holding.catch(() => undefined);
  const begun = performance.now();
  const credential = { email: 'anna@example.com', name: null, refreshToken: '1//0re-added', clientKey: 'default' };
  await b.accounts.patch('a1', upsert({ ...credential, answer: tokenAnswer('ya29.re-added') })).catch(() => undefined);
  await until(() => b.accounts.get('a1')?.notSaved === null);
  while ((await grantFp(pool)) !== fingerprint('1//0re-added')) await pause(5);
  assert.ok(performance.now() - begun < 6_000, `${performance.now() - begun} ms`);
});

onPool('where no notification comes through, a re-add is seen within 1.2 seconds', async (pool) => {
  const [a, b] = [await pool.box('box-a', { isDeaf: true }), await pool.box('box-b', { isDeaf: true })];
  const credential = { email: 'anna@example.com', name: null, refreshToken: '1//0re-added', clientKey: 'default' };
  const begun = performance.now();
  await a.accounts.patch('a1', upsert({ ...credential, answer: tokenAnswer('ya29.re-added') }));
  await until(() => held(b).refreshToken === '1//0re-added');
  assert.ok(performance.now() - begun < 1_200, `${performance.now() - begun} ms`);
});

onPool('a row that does not open is never written, and its token never sent', async (pool) => {
  const a = await pool.box('box-a');
  await pool.sql('update {account} set secret = $1, version = version + 1', [Buffer.from('of another key')]);
  const permit = await a.exchanges.permit(sent, 'refresh');
  assert.is(permit.kind, 'replaced');
  assert.match(a.accounts.get('a1')?.unreadable ?? '', /does not open/);
  await condemn(a);
  const [row] = await pool.sql('select secret, doc from {account}');
  assert.equal(row?.secret, Buffer.from('of another key'));
  assert.is((row?.doc as JsonObject).disabled, false);
});

onPool('no secret lies in the tables or in the spool in clear', async (pool) => {
  const a = await pool.box('box-a');
  await a.exchanges.permit(sent, 'refresh');
  a.wire.refuse();
  await until(() => !a.pool.database.isUp);
  await a.exchanges.land(landing(a));
  const spool = join(a.stateFolder, 'spool', fingerprint(sent));
  assert.ok(existsSync(spool));
  const all = [readFileSync(spool).toString('latin1')];
  for (const table of ['account', 'exchange', 'successor', 'refused', 'grant_record'])
    all.push(JSON.stringify(await pool.sql(`select t::text as t from {${table}} t`)));
  for (const text of all) assert.not.match(text, /1\/\/0|ya29|auth0/);
});

test.run();
