/** A pool in a PostgreSQL: made, opened, refused; what the boxes of one pool hear and see of each other. */
import { randomBytes } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { newBoot } from '../../../src/store/database/presence/boot-file.js';
import { correctedClock } from '../../../src/store/database/presence/clock-offset.js';
import { Listening } from '../../../src/store/database/listening.js';
import { connectDatabase, openPool, type OpenPool } from '../../../src/store/database/open-pool.js';
import { PoolBox } from '../../../src/store/database/presence/pool-box.js';
import { makePool } from '../../../src/store/database/pool-schema.js';
import { systemDisk } from '../../../src/store/disk/disk.js';
import { systemClock, type Clock } from '../../../src/store/ground/clock.js';
import { withDirectory } from '../../support/directory.js';
import { testOnPostgres, type DatabaseGiven } from '../../support/postgres.js';

const waiting = { clock: systemClock, waitMs: 5000 };

/** Makes the pool of these settings. @returns whether it was made now */
async function init(given: DatabaseGiven): Promise<boolean> {
  const { database, keys } = await connectDatabase({ ...given, oldKeys: [...given.oldKeys] }, waiting);
  try {
    return await makePool(database, given.schema, keys[0]);
  } finally {
    await database.close();
  }
}

async function withPool<T>(given: DatabaseGiven, use: (pool: OpenPool) => Promise<T>): Promise<T> {
  const pool = await openPool({ ...given, oldKeys: [...given.oldKeys] }, waiting);
  try {
    return await use(pool);
  } finally {
    await pool.database.close();
  }
}

const idOf = (given: DatabaseGiven): Promise<string> => withPool(given, ({ id }) => Promise.resolve(id));

/** The code and text of what opening these settings fails with. */
async function whyNot(given: DatabaseGiven, waitMs = 5000): Promise<string> {
  try {
    await openPool({ ...given, oldKeys: [...given.oldKeys] }, { ...waiting, waitMs }).then(({ database }) =>
      database.close(),
    );
    return 'opened';
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${String(error.code)} ${error.message}` : String(error);
  }
}

const newKey = (): string => `base64:${randomBytes(32).toString('base64')}`;

testOnPostgres('a pool is made once, by whoever comes first; a second making changes nothing', async (server) => {
  const given = server.pool();
  assert.equal((await Promise.all([init(given), init(given), init(given)])).sort(), [false, false, true]);
  const ids = await Promise.all([idOf(given), idOf(given)]);
  assert.is(ids[0], ids[1]);
  assert.is(await init(given), false);
  assert.is(await idOf(given), ids[0]);
});

testOnPostgres('what stands in the way of a pool is one line with what to do, and touches nothing', async (server) => {
  const given = server.pool();
  assert.match(await whyNot(given), /^NO_POOL .*regrant database init/);
  await init(given);
  const stands = await server.sql(`select * from ${given.schema}.meta order by k`);
  assert.match(await whyNot({ ...given, key: newKey() }), /^SETTINGS database\.key is not the key of this pool/);
  assert.is(await whyNot({ ...given, key: newKey(), oldKeys: [given.key] }), 'opened');
  assert.match(await whyNot({ ...given, key: '' }), /^SETTINGS database\.key is missing/);
  assert.match(await whyNot({ ...given, url: `${server.url}_none` }), /^DATABASE_AWAY .*no database of that name/);
  assert.match(
    await whyNot({ ...given, url: 'postgres://u@127.0.0.1:1/x' }, 500),
    /^DATABASE_AWAY .*nothing listens at 127\.0\.0\.1:1/,
  );
  assert.match(await whyNot({ ...given, url: `${server.url}?sslmode=require` }), /^DATABASE_AWAY .*offers no TLS/);
  await server.sql('create role reader login');
  const reader = server.url.replace('regrant@', 'reader@');
  assert.match(await whyNot({ ...given, url: reader }), /^STATEMENT_FAILED the role of database\.url may not do that/);
  assert.equal(await server.sql(`select * from ${given.schema}.meta order by k`), stands);
  await server.sql(`update ${given.schema}.meta set v = '99' where k = 'min_reader'`);
  assert.match(await whyNot(given), /^POOL_TOO_NEW .*update regrant/);
  await server.sql(`delete from ${given.schema}.meta where k = 'pool'`);
  assert.match(await whyNot(given), /^POOL_DAMAGED .*backup/);
});

testOnPostgres('a server that is set to read only is waited for, and named', async (server) => {
  const given = server.pool();
  await init(given);
  await server.stop();
  await server.start({ default_transaction_read_only: 'on' });
  assert.match(await whyNot(given, 600), /^DATABASE_AWAY .*set to read only/);
  await server.stop();
  await server.start();
});

testOnPostgres('what one box says is heard by another and not by itself; its probe comes back', async (server) => {
  const given = server.pool();
  await init(given);
  await withPool(given, (one) =>
    withPool(given, async (other) => {
      const listening = new Listening(other.database, systemClock);
      const heard = new Promise<string>((resolve) => listening.onTold((what, id) => resolve(`${what} ${id}`)));
      await listening.start();
      assert.is(listening.pollingOnly, false);
      const notify = 'select pg_notify($1, $2)';
      await other.database.run(notify, [one.database.channel, 'account:own']);
      await one.database.run(notify, [one.database.channel, 'account:a:1']);
      assert.is(await heard, 'account a:1');
      const ones = await listening.rows(v.object({ one: v.number() }), 'select 1 as one from {meta} limit $1', ['1']);
      assert.equal(ones, [{ one: 1 }]);
      listening.stop();
    }),
  );
});

testOnPostgres('after a reconnect it listens again, and everything is compared', async (server) => {
  const given = server.pool();
  await init(given);
  const relay = await server.relay();
  await withPool({ ...given, url: relay.url }, async ({ database }) => {
    const listening = new Listening(database, systemClock);
    await listening.start();
    const compared = new Promise<void>((resolve) =>
      listening.onWhole(() => {
        resolve();
        return Promise.resolve();
      }),
    );
    relay.reset();
    await compared;
    const heard = new Promise<string>((resolve) => listening.onTold((what, id) => resolve(`${what} ${id}`)));
    await server.sql(`select pg_notify('${database.channel}', 'account:a1')`);
    assert.is(await heard, 'account a1');
    listening.stop();
  });
});

testOnPostgres('a wire that dies without a word is noticed within four seconds', async (server) => {
  const given = server.pool();
  await init(given);
  const relay = await server.relay();
  await withPool({ ...given, url: relay.url }, async ({ database }) => {
    const listening = new Listening(database, systemClock);
    await listening.start();
    const lost = new Promise<void>((resolve) => database.onDown(resolve));
    const begun = performance.now();
    relay.freeze();
    await lost;
    assert.ok(performance.now() - begun < 4000);
    listening.stop();
    relay.reset();
  });
});

const present = (pool: OpenPool, name: string, stateFolder: string, clock: Clock = systemClock): Promise<PoolBox> =>
  newBoot(stateFolder, systemDisk).then((boots) =>
    PoolBox.claim({
      ...{ statements: pool.database, clock, name, boots },
      address: '127.0.0.1:8045',
      facts: () => ({}),
      lapsed: () => undefined,
    }),
  );

testOnPostgres('a second live box of one name is turned away; the same directory follows at once', async (server) => {
  const given = server.pool();
  await init(given);
  await withPool(given, (pool) =>
    withDirectory((dir) =>
      withDirectory(async (elsewhere) => {
        const first = await present(pool, 'box-a', dir.path);
        await present(pool, 'box-a', elsewhere.path).then(
          () => assert.unreachable(),
          (error: unknown) =>
            assert.match(String(error), /a box named box-a runs already .*127\.0\.0\.1:8045.*database\.box/),
        );
        // killed, and started again on its own directory
        const again = await present(pool, 'box-a', dir.path);
        assert.equal(again.formerBoots, [first.boot]);
        await again.stop();
        await present(pool, 'box-a', elsewhere.path);
      }),
    ),
  );
});

testOnPostgres(
  'a box that is told of itself while it looks whether the database is older looks again',
  async (server) => {
    const given = server.pool();
    await init(given);
    await withPool(given, ({ database }) =>
      withDirectory(async (dir) => {
        let arrive = (): void => undefined;
        const onItsWay = new Promise<void>((resolve) => (arrive = resolve));
        const told: Promise<unknown>[] = [];
        const rows: typeof database.rows = async (schema, text, values) => {
          const answer = await database.rows(schema, text, values);
          if (text.startsWith('update')) await onItsWay;
          if (text.startsWith('select boot')) {
            arrive();
            await Promise.all(told);
          }
          return answer;
        };
        let lapses = 0;
        const box = await PoolBox.claim({
          ...{ statements: { rows, run: (...words) => database.run(...words) }, clock: systemClock, name: 'box-a' },
          ...{ boots: await newBoot(dir.path, systemDisk), address: '127.0.0.1:8045', facts: () => ({}) },
          lapsed: () => void (lapses += 1),
        });
        const seen = `"${given.schema}".box`;
        const [before] = await server.sql(`select seen_at::text as at from ${seen}`);
        told.push(box.servesOn('127.0.0.1:8046'));
        while ((await server.sql(`select from ${seen} where seen_at > $1`, [before?.at])).length === 0);
        await server.sql(`update ${seen} set seen_at = $1`, [before?.at]);
        await box.look();
        assert.is(lapses, 1);
      }),
    );
  },
);

testOnPostgres("a clock that is ten minutes ahead shows the database's time once it is corrected", async (server) => {
  const given = server.pool();
  await init(given);
  const ahead: Clock = { ...systemClock, now: () => systemClock.now() + 600_000 };
  await withPool(given, (pool) =>
    withDirectory(async (dir) => {
      const box = await present(pool, 'box-a', dir.path, ahead);
      assert.ok(Math.abs(box.skewMs - 600_000) < 1000, `${box.skewMs}`);
      const [row] = await pool.database.rows(v.object({ now: v.number() }), 'select clock_timestamp() as now');
      assert.ok(Math.abs(correctedClock(ahead, () => box.skewMs).now() - (row?.now ?? 0)) < 1000);
    }),
  );
});

test.run();
