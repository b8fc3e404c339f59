/** The whole program on a PostgreSQL: two boxes of one pool. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { databaseInit } from '../../src/commands/database/database-verbs.js';
import { usage } from '../../src/commands/reading/usage.js';
import { boxes } from '../../src/commands/database/boxes.js';
import type { KeyRow } from '../../src/proxy/contract/key-shapes.js';
import type { UsageSum } from '../../src/proxy/contract/operations.js';
import { placeAmong } from '../../src/panes/views/status.js';
import { House, API_KEY } from '../support/house.js';
import { systemClock } from '../../src/store/ground/clock.js';
import { account, withDirectory, type DataDirectory } from '../support/directory.js';
import { googleSettings, jsonReply, withGoogle, type Google } from '../support/google.js';
import { testOnPostgres, type DatabaseGiven } from '../support/postgres.js';
import { testBehindPgbouncer } from '../support/pgbouncer.js';
import { runVerb } from '../support/verb.js';

const token = '1//0a-refresh-token-of-anna';

async function boxOf(dir: DataDirectory, google: Google, database: DatabaseGiven): Promise<House> {
  const settings = {
    ...googleSettings(google),
    proxy: { port: 0, apiKey: API_KEY },
    pool: { waitSeconds: 0 },
    database,
  };
  await dir.settings(settings);
  const house = new House(dir, google, systemClock);
  await house.start();
  return house;
}

testOnPostgres(
  'an account that is added on one box serves on the other; a box that stops is no longer counted',
  (server) =>
    withGoogle((google) =>
      withDirectory((dirA) =>
        withDirectory(async (dirB) => {
          google.grant(token, { email: 'anna@example.com' });
          const given = server.pool();
          await dirA.settings({ ...googleSettings(google), proxy: { port: 0, apiKey: API_KEY }, database: given });
          assert.is(
            (await runVerb((context) => databaseInit(context, { words: [], options: {} }), dirA.path)).status,
            0,
          );
          const a = await boxOf(dirA, google, given);
          const b = await boxOf(dirB, google, { ...given, box: 'box-b' });
          const seen = new Promise<void>((resolve) => b.store.accounts.onChange(() => resolve()));
          const { token: itsToken, ...rest } = account({ refreshToken: token });
          await a.store.accounts.create('a1', { ...rest, token: itsToken });
          await seen;
          assert.is((await b.ask()).status, 200);
          await a.store.shared?.sharing.look();
          assert.equal(
            a.store.shared?.sharing.boxes.map(({ name, isGone }) => [name, isGone]),
            [
              ['box-a', false],
              ['box-b', false],
            ],
          );
          const page = await (
            await fetch(`http://${b.supervisor.address}/metrics`, { headers: { 'x-goog-api-key': API_KEY } })
          ).text();
          for (const line of ['regrant_database_up 1', 'regrant_spooled_tokens 0', 'regrant_boxes 2'])
            assert.match(page, new RegExp(`^${line}$`, 'm'));
          assert.equal(placeAmong(b.supervisor.snapshot().boxes ?? { own: '', all: [] }), { at: 2, of: 2 });
          const listed = await runVerb((context) => boxes(context, { words: [], options: { json: true } }), dirA.path);
          assert.equal(
            (JSON.parse(listed.stdout) as { boxes: { name: string; address: string }[] }).boxes.map((box) => [
              box.name,
              box.address,
            ]),
            [
              ['box-a', a.supervisor.address],
              ['box-b', b.supervisor.address],
            ],
          );
          await b.stop();
          await a.store.shared?.sharing.look();
          assert.equal(
            a.store.shared?.sharing.boxes.map(({ name }) => name),
            ['box-a'],
          );
          await a.stop();
        }),
      ),
    ),
);

testOnPostgres(
  'what one box learns counts on the other: a key and its limits, a rest and its end, an event, a client',
  (server) =>
    withGoogle((google) =>
      withDirectory((dirA) =>
        withDirectory(async (dirB) => {
          const given = server.pool();
          await dirA.settings({ ...googleSettings(google), proxy: { port: 0, apiKey: API_KEY }, database: given });
          await runVerb((context) => databaseInit(context, { words: [], options: {} }), dirA.path);
          google.grant(token, { email: 'anna@example.com' });
          const a = await boxOf(dirA, google, given);
          const b = await boxOf(dirB, google, { ...given, box: 'box-b' });
          try {
            const { token: itsToken, ...rest } = account({ refreshToken: token });
            await a.store.accounts.create('a1', { ...rest, token: itsToken });
            await b.until(() => b.state('a1') === 'ready');
            await keysCount(a, b);
            await limitsCount(a, b);
            await restsCount(google, a, b);
            const saved = await a.supervisor.operations.setUpClient({
              client: 'desk',
              id: 'desk-id',
              secret: 'desk-secret',
            });
            assert.ok(saved.ok, saved.text);
            await b.until(() => b.supervisor.snapshot().clients.some(({ name }) => name === 'desk'));
            assert.not.match(readFileSync(dirA.at('settings.json'), 'utf8'), /desk-secret/);
          } finally {
            await b.stop();
            await a.stop();
          }
          const used = await runVerb(
            (context) => usage(context, { words: [], options: { by: 'key', json: true } }),
            dirB.path,
          );
          assert.equal(metered((JSON.parse(used.stdout) as { usage: readonly UsageSum[] }).usage), [4, 3]);
        }),
      ),
    ),
);

/** Requests of the key `metered`, and how many of them failed. */
const metered = (sums: readonly UsageSum[]): readonly number[] =>
  sums.flatMap(({ key, requests, failed }) => (key === 'metered' ? [requests, failed] : []));

/** What a key used on one box is over its limit on the other, though it served nothing itself. */
async function limitsCount(a: House, b: House): Promise<void> {
  const { key } = await a.supervisor.operations.addKey('metered', { tokensPerDay: 1 });
  const status = async ({ supervisor }: House): Promise<number> => {
    const headers = { 'content-type': 'application/json', 'x-goog-api-key': key ?? '' };
    const url = `http://${supervisor.address}/v1beta/models/gemini-3-flash:generateContent`;
    return (await fetch(url, { method: 'POST', headers, body: '{"contents":[{"parts":[{"text":"hi"}]}]}' })).status;
  };
  const known = async (): Promise<KeyRow | undefined> =>
    (await b.supervisor.operations.keys()).find(({ name }) => name === 'metered');
  await within(async () => (await known()) !== undefined);
  assert.is(await status(a), 200);
  assert.is(await status(a), 429);
  await within(async () => (await known())?.tokensToday !== 0);
  assert.is((await known())?.stoppedBy, 'tokens_per_day');
  assert.is(await status(b), 429);
  assert.is(await status(b), 429);
  const sums = await b.supervisor.operations.usage('2020-01-01', '2100-01-01', ['key']);
  assert.is(metered(sums)[0], 4);
}

/** A key that is made on one box is let in on the other, and is not once it is revoked. */
async function keysCount(a: House, b: House): Promise<void> {
  const { key } = await a.supervisor.operations.addKey('ci', {});
  const status = async (): Promise<number> => {
    const headers = { 'x-goog-api-key': key ?? '' };
    return (await fetch(`http://${b.supervisor.address}/v1beta/models`, { headers })).status;
  };
  await within(async () => (await status()) !== 401);
  await a.supervisor.operations.revokeKey('ci');
  // one that is under way just then is cut
  await within(async () => (await status().catch(() => 'cut')) === 401);
}

/** A rest that is set by an answer on one box, and lifted there by hand. */
async function restsCount(google: Google, a: House, b: House): Promise<void> {
  google.upstream(() => jsonReply(429, { error: { code: 429, message: 'Please retry in 600s.' } }));
  const told = b.until(() => b.state('a1') === 'cooling');
  assert.is((await a.ask()).status, 429);
  const answered = performance.now();
  await told;
  const tookMs = performance.now() - answered;
  assert.ok(tookMs < 250, `${tookMs} ms until it was seen`);
  google.upstream(null);
  assert.is((await b.ask()).status, 429);
  await b.until(() => b.events.some((event) => event.startsWith('rested anna@example.com')));
  assert.ok((await a.supervisor.operations.clear(['a1'])).ok);
  await b.until(() => b.state('a1') === 'ready');
  assert.is((await b.ask()).status, 200);
}

async function within(is: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 3_000; waited += 20) {
    if (await is()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('not in time');
}

testOnPostgres(
  'a box that is cut off says so in a banner, serves on, and goes on when the database is back',
  (server) =>
    withGoogle((google) =>
      withDirectory(async (dir) => {
        google.grant(token, { email: 'anna@example.com' });
        const relay = await server.relay();
        const given = server.pool({ url: relay.url });
        await dir.settings({ ...googleSettings(google), proxy: { port: 0, apiKey: API_KEY }, database: given });
        await runVerb((context) => databaseInit(context, { words: [], options: {} }), dir.path);
        const house = await boxOf(dir, google, given);
        await house.store.accounts.create('a1', account({ refreshToken: token }));
        assert.is((await house.ask()).status, 200);
        const banners = (): readonly string[] => house.supervisor.snapshot().banners.map(({ code }) => code);
        const begun = performance.now();
        relay.refuse();
        await house.until(() => banners().includes('database_cut'));
        assert.ok(performance.now() - begun < 4000);
        assert.is((await house.ask()).status, 200);
        relay.thaw();
        await house.until(() => !banners().includes('database_cut'));
        assert.is((await house.ask()).status, 200);
        await house.stop();
      }),
    ),
);

testBehindPgbouncer(
  'behind pgbouncer in transaction mode boxes only look, and leases hold all the same',
  (server, url) =>
    withGoogle((google) =>
      withDirectory((dirA) =>
        withDirectory(async (dirB) => {
          google.grant(token, { email: 'anna@example.com' });
          const given = { ...server.pool(), url };
          await dirA.settings({ ...googleSettings(google), proxy: { port: 0, apiKey: API_KEY }, database: given });
          await runVerb((context) => databaseInit(context, { words: [], options: {} }), dirA.path);
          const a = await boxOf(dirA, google, given);
          const b = await boxOf(dirB, google, { ...given, box: 'box-b' });
          assert.ok(b.supervisor.snapshot().banners.some(({ code }) => code === 'polling_only'));
          await a.store.accounts.create('a1', account({ refreshToken: token }));
          await b.until(() => b.state('a1') === 'ready');
          const tookMs: number[] = [];
          for (const again of ['1//0again-1', '1//0again-2', '1//0again-3']) {
            google.grant(again, { email: 'anna@example.com' });
            const request = { accountId: 'a1', refreshToken: again, client: null, otherAccount: 'ask' } as const;
            assert.is((await a.supervisor.operations.readd(request, () => undefined)).outcome, 'saved');
            const began = performance.now();
            await b.until(() => b.store.accounts.get('a1')?.account?.refreshToken === again);
            assert.is((await b.ask()).status, 200);
            tookMs.push(performance.now() - began);
          }
          assert.ok(Math.min(...tookMs) <= 1_200, tookMs.join(' '));
          await Promise.all([a, b].map((box) => box.supervisor.operations.testNow(['a1'])));
          assert.is(google.overlap(), 1);
          await b.stop();
          await a.stop();
        }),
      ),
    ),
);

test.run();
