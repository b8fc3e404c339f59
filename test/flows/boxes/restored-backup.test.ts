/** A backup of the database is restored under two running programs: what was made since is there again, what was removed since is not. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import { jsonReply } from '../../support/google.js';
import type { House } from '../../support/house.js';
import { withHouses, type Houses } from '../../support/houses.js';
import { pause } from '../../support/pause.js';
import { testOnPostgres } from '../../support/postgres.js';
import { postgresBinaries } from '../../support/postgres-binaries.js';

// the server's own pg_dump, where one is installed with it
postgresBinaries('with pg_dump');
const run = promisify(execFile);

const people = ['bob', 'cid', 'dan', 'eve'].map((id) => ({
  ...{ id, email: `${id}@example.com`, refreshToken: `1//0${id}`, accessToken: `ya29.${id}`, accessEndsIn: 3000 },
}));

const until = async (test: () => boolean | Promise<boolean>): Promise<void> => {
  for (let waited = 0; !(await test()); waited += 10) {
    if (waited > 20_000) throw new Error(`not in time: ${test.toString()}`);
    await pause(10);
  }
};

/** A backup of the pool. @returns puts it back in one step, as the document says */
function backup(houses: Houses): Promise<() => Promise<void>> {
  const { server } = houses.pool;
  const [dump, restore] = [server.program('pg_dump'), server.program('pg_restore')];
  return dump === null || restore === null ? copyTables(houses) : dumped(houses, dump, restore);
}

async function dumped({ pool }: Houses, dump: string, restore: string): Promise<() => Promise<void>> {
  const { server, given } = pool;
  const file = join(mkdtempSync(join(tmpdir(), 'regrant-backup-')), 'dump');
  await run(dump, ['--format=custom', `--schema=${given.schema}`, `--file=${file}`, server.url]);
  return async () => {
    await again(() => run(restore, ['--single-transaction', '--clean', `--dbname=${server.url}`, file]));
    rmSync(dirname(file), { recursive: true });
  };
}

/** Where no `pg_dump` is beside the server: copies every table. */
async function copyTables({ pool }: Houses): Promise<() => Promise<void>> {
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
  return () => again(() => pool.server.sql([locked, back, ...sequences].join('; ')));
}

/** The boxes write on meanwhile, so that a restore may have to give way. */
async function again(restore: () => Promise<unknown>, tries = 10): Promise<void> {
  try {
    await restore();
  } catch (error) {
    if (tries === 1) throw error;
    await again(restore, tries - 1);
  }
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
        // the client was set up, was lacking, and is there again: three changes, and each is told
        const told = house.events.filter(
          (event) => event.startsWith('settings') && !event.includes('settings changed: oauth.clients'),
        );
        assert.equal([...new Set(told)], told, 'no event is told twice');
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
