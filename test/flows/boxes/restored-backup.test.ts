/** A backup of the database is restored under two running programs: what was made since is there again, what was removed since is not. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import { jsonReply } from '../../support/google.js';
import type { House } from '../../support/house.js';
import { withHouses, type Houses } from '../../support/houses.js';
import { pause } from '../../support/pause.js';
import { testOnPostgres } from '../../support/postgres.js';

const people = ['bob', 'cid', 'dan', 'eve'].map((id) => ({
  ...{ id, email: `${id}@example.com`, refreshToken: `1//0${id}`, accessToken: `ya29.${id}`, accessEndsIn: 3000 },
}));

const until = async (test: () => boolean | Promise<boolean>): Promise<void> => {
  for (let waited = 0; !(await test()); waited += 10) {
    if (waited > 20_000) throw new Error(`not in time: ${test.toString()}`);
    await pause(10);
  }
};

/** Copies every table of the pool, and hands in what puts the copy back in one step. */
async function backup({ pool }: Houses): Promise<() => Promise<void>> {
  const { schema } = pool.given;
  const tables = await pool.sql<{ name: string }>('select tablename as name from pg_tables where schemaname = $1', [
    schema,
  ]);
  const names = tables.map(({ name }) => name);
  const each = (text: string): string => names.map((name) => text.replaceAll('$', name)).join('; ');
  await pool.server.sql(`create schema backup; ${each(`create table backup.$ as table "${schema}".$`)}`);
  const sequences = ['replaced', 'event'].map(
    (name) =>
      `select setval(pg_get_serial_sequence('"${schema}".${name}', 'id'), (select coalesce(max(id), 1) from backup.${name}))`,
  );
  const back = each(`delete from "${schema}".$; insert into "${schema}".$ overriding system value table backup.$`);
  const locked = `lock table ${names.map((name) => `"${schema}".${name}`).join(', ')}`;
  const restore = async (tries: number): Promise<void> => {
    try {
      await pool.server.sql([locked, back, ...sequences].join('; '));
    } catch (error) {
      // the boxes write on meanwhile
      if (tries === 1) throw error;
      await restore(tries - 1);
    }
  };
  return () => restore(10);
}

const ask = async ({ supervisor }: House, key: string): Promise<number> =>
  (await fetch(`http://${supervisor.address}/v1beta/models`, { headers: { 'x-goog-api-key': key } })).status;

const tokenOf = ({ store }: House, id: string): string | undefined => store.accounts.get(id)?.account?.refreshToken;
const named = ({ supervisor }: House, client: string): boolean =>
  supervisor.snapshot().clients.some(({ name }) => name === client);

testOnPostgres('what a backup lacks is written back by the boxes, what it has again is removed again', (server) =>
  withHouses(
    server,
    {
      ...{ names: ['box-a', 'box-b'], accounts: people },
      prepare(google) {
        for (const { email, refreshToken } of people) google.grant(refreshToken, { email });
        google.grant('1//0eve-new', { email: 'eve@example.com' });
        google.grant('1//0fay', { email: 'fay@example.com' });
      },
    },
    async (houses) => {
      const [a, b] = houses.all.map(({ house }) => house) as [House, House];
      const { operations } = a.supervisor;
      const revoked = (await operations.addKey('revoked', {})).key ?? '';
      await until(async () => (await ask(b, revoked)) === 200);
      const restore = await backup(houses);

      const made = (await operations.addKey('made', {})).key ?? '';
      assert.ok((await operations.revokeKey('revoked')).ok);
      const client = { client: 'desk', id: 'desk-id', secret: 'desk-secret' };
      assert.ok((await operations.setUpClient(client)).ok);
      const readd = (refreshToken: string, accountId: string | null) =>
        operations.readd({ accountId, refreshToken, client: null, otherAccount: 'ask' }, () => undefined);
      assert.is((await readd('1//0fay', null)).outcome, 'saved');
      assert.ok((await operations.remove(['dan'])).ok);
      assert.ok((await operations.setProxyDisabled(['cid'], true)).ok);
      houses.google.upstream(() => jsonReply(429, { error: { code: 429, message: 'Please retry in 600s.' } }));
      assert.is((await a.ask()).status, 429);
      houses.google.upstream(null);
      const events = a.events.length;
      await until(() => b.state('dan') === 'gone' && b.state('bob') === 'cooling' && named(b, 'desk'));
      await until(async () => (await ask(b, made)) === 200 && (await ask(b, revoked)) === 401);
      // nothing is served after it, so that what it replaces stays in the trash
      assert.is((await readd('1//0eve-new', 'eve')).outcome, 'saved');
      await until(() => tokenOf(b, 'eve') === '1//0eve-new' && b.events.length >= events);
      await Promise.all([a, b].map(({ store }) => store.events.flush()));

      await restore();
      const older = ({ supervisor }: House): string | undefined =>
        supervisor.snapshot().banners.find(({ code }) => code === 'database_older')?.text;
      await until(() => [a, b].some((house) => older(house) !== undefined));
      const { sql } = houses.pool;
      const rows = async (text: string): Promise<string> =>
        (
          await sql<{ all: string }>(
            `select coalesce(string_agg(k, ' ' order by k), '') as all from (${text}) as t (k)`,
          )
        )[0]?.all ?? '';
      const standing = 'select email from {account} where removed_at is null';
      const fay = 'bob@example.com cid@example.com eve@example.com fay@example.com';
      await until(async () => (await rows(standing)) === fay);
      await until(async () => (await rows('select name from {client_key}')) === 'made');
      const expected = [fingerprint('1//0eve-new'), fingerprint('1//0fay')];
      const tokens = await sql<{ fp: string }>('select grant_fp as fp from {account}');
      for (const fp of expected) assert.ok(tokens.some((row) => row.fp === fp));
      for (const house of [a, b]) assert.is(tokenOf(house, 'eve'), '1//0eve-new');
      // the credential that the re-add replaced is there again too
      await until(async () => (await rows('select account from {replaced}')) === 'eve');
      assert.match((await operations.undo()).text, /^eve@example.com: its previous refresh token is back/);
      await until(() => tokenOf(b, 'eve') === '1//0eve');
      await until(async () => (await rows('select key from {setting}')).includes('oauth.clients.desk'));
      await until(async () => /bob|example/.test(await rows('select key from {cool_down}')));
      await until(
        async () => (await rows('select email from {account} where removed_at is not null')) === 'dan@example.com',
      );
      await until(
        async () =>
          Number(await rows("select count(*)::text from {event} where kind = 'settings' or email like 'fay%'")) > 0,
      );
      for (const house of [a, b]) {
        assert.equal([house.state('dan'), house.state('cid')], ['gone', 'proxy_disabled']);
        assert.equal([await ask(house, made), await ask(house, revoked)], [200, 401]);
        assert.ok(named(house, 'desk'));
        const told = house.events.filter((event) => event.startsWith('settings'));
        assert.is(new Set(told).size, told.length, 'no event is told twice');
      }
      assert.match(
        [a, b].map(older).join('\n'),
        /the database was put back to an older state: this box wrote back what it lacked \(.*\baccount [1-5]\b/,
      );
      assert.ok(
        [a, b].some(({ log }) =>
          log.some((line) => line.startsWith('The pool on several machines: the database was put back')),
        ),
      );
    },
  ),
);

test.run();
