/** The connection to a PostgreSQL that goes away, comes back, moves to another machine. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { Database } from '../../../src/store/database/database.js';
import { DatabaseAway, StatementFailed } from '../../../src/store/database/database-errors.js';
import { databaseHosts } from '../../../src/store/database/hosts.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { pause } from '../../support/pause.js';
import { testOnPostgres } from '../../support/postgres.js';

async function withDatabase(url: string, use: (database: Database) => Promise<void>): Promise<void> {
  const database = new Database({ hosts: databaseHosts(url), schema: 'public', clock: systemClock });
  const up = new Promise<void>((resolve) => database.onUp(() => resolve()));
  database.start();
  try {
    await up;
    await use(database);
  } finally {
    await database.close();
  }
}

const upAgain = (database: Database): Promise<void> => new Promise((resolve) => database.onUp(() => resolve()));
const down = (database: Database): Promise<void> => new Promise((resolve) => database.onDown(() => resolve()));
const One = v.object({ one: v.number() });

testOnPostgres('values come back as the program has them', async (server) => {
  const Row = v.object({ big: v.number(), at: v.number(), doc: v.unknown(), bytes: v.instance(Buffer) });
  await withDatabase(server.url, async (database) => {
    const doc = '{"exact":12345678901234567890}';
    const text = `select 9007199254740991::bigint as big, '2026-11-30 12:00:00.25+00'::timestamptz as at, $1::jsonb as doc, $2::bytea as bytes`;
    const [row] = await database.rows(Row, text, [doc, Buffer.from([0, 255])]);
    assert.equal(
      [row?.big, row?.at, row?.bytes],
      [9007199254740991, Date.UTC(2026, 10, 30, 12, 0, 0, 250), Buffer.from([0, 255])],
    );
    assert.match(JSON.stringify(row?.doc), '12345678901234567890');
  });
});

testOnPostgres('a transaction happens all or not at all, and one that collides is tried again', async (server) => {
  await server.sql('create table counted (n int); insert into counted values (0)');
  await withDatabase(server.url, async (database) => {
    const add = (): Promise<void> =>
      database.transaction(async (statements) => {
        await statements.run('set transaction isolation level serializable');
        const [row] = await statements.rows(One, 'select n as one from {counted}');
        await statements.run('update {counted} set n = $1', [(row?.one ?? 0) + 1]);
      });
    await Promise.all([add(), add(), add()]);
    assert.equal(await database.rows(One, 'select n as one from {counted}'), [{ one: 3 }]);
    const failed = database.transaction(async (statements) => {
      await statements.run('update {counted} set n = 9');
      await statements.run('select 1 / 0');
    });
    const error = await failed.then(
      () => null,
      (error: unknown) => error,
    );
    assert.ok(error instanceof StatementFailed && error.sqlState === '22012');
    assert.equal(await database.rows(One, 'select n as one from {counted}'), [{ one: 3 }]);
  });
});

testOnPostgres('a connection that is only being opened when all is closed is given up too', async (server) => {
  const others = async (): Promise<unknown> => {
    const clients = "from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";
    return (await server.sql<{ count: string }>(`select count(*) ${clients}`))[0]?.count;
  };
  const asked: Promise<unknown>[] = [];
  await withDatabase(server.url, (database) => {
    asked.push(...Array.from({ length: 5 }, () => database.run('select 1').catch(() => undefined)));
    return Promise.resolve();
  });
  await Promise.all(asked);
  for (let looks = 0; looks < 50 && (await others()) !== '0'; looks++) await pause(20);
  assert.is(await others(), '0');
});

testOnPostgres('twenty statements at once take five connections at most, and all are done', async (server) => {
  await withDatabase(server.url, async (database) => {
    const [own] = await database.rows(
      One,
      'select oid::int as one from pg_database where datname = current_database()',
    );
    const counts = `select count(*) as one from pg_stat_activity where datid = $1 and backend_type = 'client backend'`;
    const [before] = await server.sql<{ one: string }>(counts, [own?.one]);
    await Promise.all(Array.from({ length: 20 }, () => database.run('select pg_sleep(0.01)')));
    const [after] = await server.sql<{ one: string }>(counts, [own?.one]);
    assert.ok(Number(after?.one) - Number(before?.one) <= 4);
  });
});

testOnPostgres(
  'a frozen wire costs one second, then every statement fails at once, until it is mended',
  async (server) => {
    const relay = await server.relay();
    await withDatabase(relay.url, async (database) => {
      relay.freeze();
      const begun = performance.now();
      const asked = await Promise.all(
        [1, 2, 3].map(() =>
          database.run('select 1').then(
            () => null,
            (error: unknown) => error,
          ),
        ),
      );
      assert.ok(asked.every((error) => error instanceof DatabaseAway));
      const tookMs = performance.now() - begun;
      assert.ok(tookMs > 900 && tookMs < 3000, `${tookMs} ms`);
      await database.run('select 1').then(
        () => assert.unreachable(),
        (error: unknown) => assert.instance(error, DatabaseAway),
      );
      assert.is(database.isUp, false);
      const up = upAgain(database);
      relay.reset();
      relay.thaw();
      await up;
      assert.ok(database.isQuiet, 'nothing is sent for a moment after a reconnect');
      await database.run('select 1');
    });
  },
);

testOnPostgres('after an immediate stop it is there again as soon as the server is', async (server) => {
  await withDatabase(server.url, async (database) => {
    const lost = down(database);
    await server.stop('immediate');
    await lost;
    assert.match(database.trouble ?? '', /127\.0\.0\.1:\d+/);
    const up = upAgain(database);
    await server.start();
    const begun = performance.now();
    await up;
    assert.ok(performance.now() - begun < 2000);
    assert.equal(await database.rows(One, 'select 1 as one'), [{ one: 1 }]);
  });
});

testOnPostgres('a replica is passed over until it is promoted, then in use within two seconds', async (server) => {
  const replica = await server.replica();
  await withDatabase(`${replica.url},${server.url}`, async (database) => {
    assert.match(database.hostName ?? '', String(server.port));
    await server.stop('immediate');
    const up = upAgain(database);
    await replica.promote();
    const begun = performance.now();
    await up;
    assert.ok(performance.now() - begun < 2000, `${performance.now() - begun} ms`);
    assert.match(database.hostName ?? '', String(replica.port));
    await database.run('create table written (n int)');
  });
});

test.run();
