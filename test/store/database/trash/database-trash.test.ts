/** The trash of all boxes: while the database is away, and after a backup of it was restored. */
import * as v from 'valibot';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DatabaseTrash } from '../../../../src/store/database/trash/database-trash.js';
import { ReplacedTable } from '../../../../src/store/database/trash/replaced-table.js';
import type { Trashed } from '../../../../src/store/accounts/trash.js';
import { systemClock } from '../../../../src/store/ground/clock.js';
import { setClock } from '../../../support/clock.js';
import { pause } from '../../../support/pause.js';
import { testOnPostgres } from '../../../support/postgres.js';
import { type BoxAtPool, until, withBoxes } from '../../../support/shared-pool.js';

const json = (token: string) => ({ token: { refresh_token: token } });
const trashOn = ({ database, sealing, listening, name: box }: BoxAtPool): Promise<DatabaseTrash> =>
  DatabaseTrash.open({ database, sealing, listening, clock: systemClock, box });
const tokens = async (trash: DatabaseTrash): Promise<readonly string[]> => {
  const all = await Promise.all((await trash.list()).map((one) => trash.read(one)));
  return all.map((one) => (one?.token as { refresh_token: string }).refresh_token);
};

testOnPostgres(
  'cut off, what a re-add replaced is kept in memory, can be read, and is there for all afterwards',
  (server) =>
    server.relay().then((wire) =>
      withBoxes(
        server,
        ['a', 'b'],
        async (a, b) => {
          const [onA, onB] = [await trashOn(a), await trashOn(b)];
          const before = await onA.keepReplaced('bob', json('1//0before'));
          await until(() => onB.isAwaiting);
          wire.refuse();
          await until(() => !a.database.isUp);
          assert.equal(await onA.read(before), json('1//0before'), 'what it knew it can read');
          const cut = await onA.keepReplaced('cid', json('1//0cut'));
          const proven = await onA.keepReplaced('dan', json('1//0proven'));
          assert.equal(await onA.read(cut), json('1//0cut'));
          assert.ok((onA.replacedAt('cid') ?? 0) > 1e12);
          await onA.proven('dan');
          await onA.discard(before);
          assert.is(await onA.read(proven), null);
          assert.is(await onA.read(before), null);
          assert.equal(onA.awaited, ['cid']);
          wire.thaw();
          await until(() => onB.awaited.join() === 'cid');
          assert.equal(await tokens(onB), ['1//0cut']);
          assert.equal(await onA.read(cut), json('1//0cut'), 'known by the name that it had');
          await onA.discard(cut);
          await until(() => !onB.isAwaiting);
        },
        (settings, name) => (name === 'a' ? { ...settings, url: wire.url } : settings),
      ),
    ),
);

testOnPostgres(
  'a database that is older than it was is told again what was replaced, once, and what is not wanted any more',
  (server) =>
    withBoxes(server, ['a', 'b'], async (a, b) => {
      const table = `"${a.schema}".replaced`;
      const [onA, onB] = [await trashOn(a), await trashOn(b)];
      await onA.keepReplaced('old', json('1//0old'));
      await server.sql(`create table ${table}_backup as table ${table}`);
      const lost: Trashed = await onA.keepReplaced('bob', json('1//0bob'));
      await onB.keepReplaced('cid', json('1//0cid'));
      await until(() => onA.awaited.length === 3 && onB.awaited.length === 3);
      await onA.proven('old');
      await until(() => onB.awaited.length === 2);
      // a box finds it out before it believes what it has read
      const found = new Set<string>();
      for (const { listening, name } of [a, b])
        listening.lapses.lookBy(async () => {
          const [mark] = await server.sql<{ stands: boolean }>(
            `select to_regclass('${table}_mark') is not null as stands`,
          );
          if (mark?.stands !== true || found.has(name)) return;
          found.add(name);
          listening.lapses.found();
        });
      const back = `create table ${table}_mark (); delete from ${table}; insert into ${table} overriding system value table ${table}_backup`;
      await server.sql(`${back}; select setval(pg_get_serial_sequence('${table}', 'id'), 1)`);
      for (const { listening } of [a, b]) await listening.lapses.look();
      await until(() => !a.listening.lapses.isOpen && !b.listening.lapses.isOpen);
      assert.equal(
        [await tokens(onA), await tokens(onB)],
        [
          ['1//0bob', '1//0cid'],
          ['1//0bob', '1//0cid'],
        ],
      );
      assert.equal(await onA.read(lost), json('1//0bob'));
      const written = [a, b].map(({ listening }) => listening.lapses.last?.rows.get('replaced') ?? 0);
      assert.ok(written[0] !== undefined && written.some((rows) => rows > 0), JSON.stringify(written));
      await onA.discard(lost);
      await until(() => onB.awaited.join() === 'cid');
    }),
);

testOnPostgres('rows that were read before a database was put back are no proof that it has them', (server) =>
  withBoxes(server, ['a'], async (a) => {
    const onA = await trashOn(a);
    await onA.keepReplaced('bob', json('1//0bob'));
    let isPutBack = false;
    a.listening.lapses.lookBy(async () => {
      if (isPutBack) return;
      isPutBack = true;
      await server.sql(`delete from "${a.schema}".replaced`);
      a.listening.lapses.found();
    });
    await onA.list();
    const rows = await server.sql<{ account: string }>(`select account from "${a.schema}".replaced`);
    assert.equal(rows, [{ account: 'bob' }]);
    assert.is(a.listening.lapses.isOpen, false);
    assert.equal(await tokens(onA), ['1//0bob']);
  }),
);

testOnPostgres('two boxes that tell a database of the same credential at once add it once', (server) =>
  withBoxes(server, ['a', 'b'], async (...boxes) => {
    const tables = boxes.map(({ database, sealing, name: box }) => new ReplacedTable({ database, sealing, box }));
    for (let at = 1; at <= 20; at++) {
      const rows = await Promise.all(tables.map((table) => table.addAgain('bob', '{}', at)));
      assert.is(rows[0]?.row, rows[1]?.row);
    }
    assert.is((await tables[0]?.all())?.length, 20);
  }),
);

testOnPostgres(
  'what is older than thirty days goes: the trash, leases that ended, and what took tokens’ places',
  (server) =>
    withBoxes(server, ['a'], async ({ database, sealing, listening }) => {
      const clock = setClock();
      const trash = await DatabaseTrash.open({ database, sealing, listening, clock, box: 'a' });
      const ago = (days: number): string => `clock_timestamp() - interval '${days} days'`;
      for (const days of [29, 31]) {
        const token = `'${days}'`;
        await database.run(`insert into {account} (id, version, removed_at) values (${token}, 1, ${ago(days)})`);
        await database.run(
          `insert into {replaced} (account, secret, at, box) values (${token}, '', ${ago(days)}, 'a')`,
        );
        await database.run(
          `insert into {successor} (token_fp, secret, box, at) values (${token}, '', 'a', ${ago(days)})`,
        );
        const lease = (fp: string, open: boolean): string =>
          `insert into {exchange} (token_fp, taken_at, until, open) values (${fp}, ${ago(days)}, ${ago(days)}, ${open})`;
        await database.run(lease(token, false));
        await database.run(lease(`'open ${days}'`, true));
      }
      trash.keepClear();
      clock.advance(86_400_000);
      const Id = v.object({ id: v.string() });
      const left = async (): Promise<readonly string[]> => {
        const all = ['select id from {account}', 'select account from {replaced}', 'select token_fp from {successor}'];
        const text = [...all, 'select token_fp from {exchange}'].join(' union all ');
        return (await database.rows(Id, text)).map(({ id }) => id).sort();
      };
      while ((await left()).length > 6) await pause(5);
      assert.equal(await left(), ['29', '29', '29', '29', 'open 29', 'open 31'], 'an open lease is told, however old');
      trash.stop();
    }),
);

test.run();
