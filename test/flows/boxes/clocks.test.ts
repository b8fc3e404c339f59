/** Machines whose clocks are wrong, over one pool: what they share counts by the database's clock. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Banner } from '../../../src/proxy/contract/snapshot.js';
import { fingerprint } from '../../../src/store/ground/fingerprint.js';
import type { House } from '../../support/house.js';
import { jsonReply } from '../../support/google.js';
import { withHouses } from '../../support/houses.js';
import { pause } from '../../support/pause.js';
import { testOnPostgres } from '../../support/postgres.js';

const MINUTE = 60_000;
const bob = { id: 'bob', email: 'bob@example.com', refreshToken: '1//0bob-refresh-token' };
const carl = { id: 'carl', email: 'carl@example.com', refreshToken: '1//0carl-refresh-token' };

/** By how much the machines are wrong: as after a bad boot, and as without a battery. */
const aheadMs = { 'box-a': 10 * MINUTE - 5_000, 'box-b': -9_000 * 24 * 60 * MINUTE };

/** `box-c` sent the token of carl, which is a replacement itself, and its lease has run out 10 s ago. */
const LEFT_OPEN = `insert into {exchange} (token_fp, account, box, boot, taken_at, until, open)
  values ($1, 'carl', 'box-c', 'gone', clock_timestamp() - interval '100 s', clock_timestamp() - interval '10 s', true)`;
const ROTATED = `insert into {grant_record} (token_fp, doc) values ($1, '{"rotated": true}'::jsonb)`;

const GONE = `insert into {box} (name, boot, seen_at) values ('box-c', 'gone', clock_timestamp() - interval '1 min')`;
const isAboutGone = ({ code }: Banner): boolean => code === 'box_gone';

const rowOf = (house: House, id: string) => {
  const row = house.supervisor.snapshot().accounts.find((each) => each.id === id);
  if (row === undefined) throw new Error(`no ${id}`);
  return row;
};
const leftMs = (house: House, at: number | null): number => (at ?? 0) - house.supervisor.snapshot().now;
const until = async (is: () => Promise<boolean> | boolean): Promise<void> => {
  const begun = performance.now();
  while (!(await is())) {
    if (performance.now() - begun > 20_000) throw new Error(`not in time: ${is.toString()}`);
    await pause(5);
  }
};
const isWithin = (ms: number, least: number, most: number): void => assert.ok(ms > least && ms <= most, `${ms} ms`);

async function statusWith(key: string | null, { supervisor }: House): Promise<number> {
  const headers = { 'content-type': 'application/json', 'x-goog-api-key': key ?? '' };
  const url = `http://${supervisor.address}/v1beta/models/gemini-3-flash:generateContent`;
  return (await fetch(url, { method: 'POST', headers, body: '{"contents":[{"parts":[{"text":"hi"}]}]}' })).status;
}

testOnPostgres(
  'clocks that are ten minutes and twenty-five years wrong: leases, rests, doubt, limits and days agree',
  (server) =>
    withHouses(
      server,
      {
        ...{ names: ['box-a', 'box-b'], accounts: [bob, carl], aheadMs },
        async prepare(google, { sql }) {
          for (const { email, refreshToken } of [bob, carl]) google.grant(refreshToken, { email });
          await sql(LEFT_OPEN, [fingerprint(carl.refreshToken)]);
          await sql(ROTATED, [fingerprint(carl.refreshToken)]);
        },
      },
      async ({ all, google, pool }) => {
        const [a, b] = all.map(({ house }) => house);
        if (a === undefined || b === undefined) throw new Error('two boxes are wanted');
        const both = [a, b];

        assert.equal(await Promise.all(both.map(async (house) => (await house.ask()).status)), [200, 200]);
        assert.is(google.calls.token.length, 1, 'one exchange for both');
        const [lease] = await pool.sql<{ lasts: number; ago: number }>(
          `select extract(epoch from until - taken_at)::float8 as lasts,
          extract(epoch from clock_timestamp() - taken_at)::float8 as ago from {exchange} where account = 'bob'`,
        );
        isWithin((lease?.lasts ?? 0) * 1000, 89_999, 90_100);
        isWithin((lease?.ago ?? -1) * 1000, 0, MINUTE);
        await until(() => both.every((house) => rowOf(house, 'bob').accessExpiresAt !== null));
        for (const house of both)
          isWithin(leftMs(house, rowOf(house, 'bob').accessExpiresAt), 59 * MINUTE, 61 * MINUTE);
        isWithin(Math.abs(a.supervisor.snapshot().now - b.supervisor.snapshot().now), -1, 1_000);

        google.upstream(() => jsonReply(429, { error: { code: 429, message: 'Please retry in 600s.' } }));
        await a.ask();
        await until(() => both.every((house) => house.state('bob') === 'cooling'));
        for (const house of both) isWithin(leftMs(house, rowOf(house, 'bob').coolingUntil), 9.5 * MINUTE, 10 * MINUTE);

        await Promise.all(both.map((house) => house.ask()));
        await until(() => both.every((house) => rowOf(house, 'carl').cause === 'in_doubt'));
        const sentAt = new Date(Date.now() - 100_000).toTimeString().slice(0, 5);
        for (const house of both) {
          const { reason, coolingUntil } = rowOf(house, 'carl');
          assert.match(reason, /^box-c sent this token at \d\d:\d\d and never told/);
          const [, hour, minute] = /(\d\d):(\d\d)/.exec(reason) ?? [];
          const off = Number(hour) * 60 + Number(minute) - Number(sentAt.slice(0, 2)) * 60 - Number(sentAt.slice(3));
          assert.ok([0, -1, 24 * 60 - 1].includes(off), `${reason}, and it was ${sentAt}`);
          isWithin(leftMs(house, coolingUntil), 9 * MINUTE, 10 * MINUTE);
        }
        assert.is(google.calls.token.length, 1, 'nobody sends what is in doubt');

        google.upstream(null);
        await a.supervisor.operations.clear(['bob']);
        await until(() => b.state('bob') === 'ready');
        const { key } = await a.supervisor.operations.addKey('metered', { tokensPerDay: 1 });
        const metered = async () => (await b.supervisor.operations.keys()).find(({ name }) => name === 'metered');
        await until(async () => (await metered()) !== undefined);
        const days = [new Date()];
        assert.is(await statusWith(key, a), 200);
        await until(async () => (await metered())?.stoppedBy === 'tokens_per_day');
        assert.is(await statusWith(key, b), 429);
        await until(async () => (await pool.sql(`select from {usage} where box = 'box-b'`)).length > 0);
        days.push(new Date());
        const counted = await pool.sql<{ day: string }>('select distinct day::text as day from {usage}');
        const today = days.map((day) => day.toLocaleDateString('sv-SE'));
        assert.ok(
          counted.every(({ day }) => today.includes(day)),
          JSON.stringify([counted, today]),
        );

        const told = both.map(({ supervisor: { events } }) =>
          Array.from({ length: events.next - events.first }, (_, at) => events.at(events.first + at)?.at ?? 0),
        );
        for (const at of told.flat()) isWithin(Math.abs(Date.now() - at), -1, MINUTE);

        const said = both.map(({ supervisor }) => supervisor.snapshot().banners.map(({ text }) => text));
        assert.equal(said, [
          ["this machine's clock is 10 min ahead of the database's: set it by NTP"],
          ["this machine's clock is 9000d behind the database's: set it by NTP"],
        ]);
        await until(async () => (await pool.sql('select from {box} where skew_ms is not null')).length === 2);
        await b.store.shared?.sharing.look();
        assert.equal(
          b.supervisor.snapshot().boxes?.all.map(({ name, isGone }) => [name, isGone]),
          [
            ['box-a', false],
            ['box-b', false],
          ],
        );

        await pool.sql(GONE);
        await until(() => both.every(({ supervisor }) => supervisor.snapshot().banners.some(isAboutGone)));
        await pool.sql(`update {exchange} set open = false, outcome = 'unknown' where box = 'box-c'`);
        await until(() => both.every((house) => rowOf(house, 'carl').cause === null));
        const sent = google.calls.token.map(({ refreshToken }) => refreshToken);
        assert.equal(sent, [bob.refreshToken, carl.refreshToken], 'sent once its box has told that it does not know');
      },
    ),
);

test.run();
