/** A program starts and serves on a pool in which somebody wrote what no program writes. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withHouses } from '../../support/houses.js';
import { pause } from '../../support/pause.js';
import { testOnPostgres } from '../../support/postgres.js';

const bob = {
  id: 'bob',
  email: 'bob@example.com',
  refreshToken: '1//0bob',
  accessToken: 'ya29.bob',
  accessEndsIn: 3000,
};

const line = `insert into {usage} (day, account, model, key, protocol, box, doc) values`;
/** Each is of a type that its column takes. */
const written = [
  `${line} (current_date, 'bob', 'm1', 'odd', 'gemini', 'box-z', '{"requests": "abc", "in": {}, "out": 7}')`,
  `${line} (current_date, 'bob', 'm2', 'default', 'gemini', 'box-z', '[]'), ('infinity', 'bob', 'm', 'k', 'p', 'z', '{"in": 1}')`,
  ...['m3', 'm4'].map(
    (model) =>
      `${line} (current_date, 'bob', '${model}', 'huge', 'gemini', 'box-z', '{"in": 1e308, "out": 1e400, "requests": -5}')`,
  ),
  ...['infinity', '-infinity', '290000-01-01', '4700-01-01 BC'].map(
    (at) =>
      `insert into {event} (at, box, kind, account, text) values ('${at}', E'b\\x1b[2Jz', 'disabled', 'bob', 'x')`,
  ),
  `insert into {event} (kind, text, next_at, took_ms) values ('nonsense', null, 9223372036854775807, -5)`,
  `insert into {login} (token_fp, client, email, at) values ('zz', 'c', 'e', 9223372036854775807)`,
  `insert into {resource} (name, at, client, made_at) values ('files/x', '290000-01-01', 'c', '-infinity')`,
  `insert into {box} (name, boot, address, started_at, seen_at, facts) values
    (E'b\\x1b[2J\\nx', 'q', E'\\x1b[31m', '290000-01-01', 'infinity', '[1]'), ('old', 'q', null, 'infinity', '-infinity', '{}')`,
  `insert into {refused} (token_fp, at, cause, reason) values ('q', -9223372036854775808, 'toString', E'\\x1b[2J')`,
  ...[`'nonsense', -3, clock_timestamp(), '10 min'`, `'rest', 2, '290000-01-01', '100000 years'`].map(
    (rest, at) =>
      `insert into {cool_down} (key, about, model, kind, step, set_at, lasts, cause) values ('nobody${at}', 'x', 'm', ${rest}, 'constructor')`,
  ),
  `insert into {grant_record} (token_fp, doc) values ('g1', '"x"'), ('g2', '{"firstSeen": "x", "lastOk": 1e400}')`,
  `insert into {replaced} (account, secret, at) values ('bob', 'zz', '290000-01-01')`,
  `insert into {setting} (key, secret) values ('oauth.clients.zz', 'garbage'), ('nonsense', 'garbage')`,
  `insert into {account} (id, doc, removed_at) values ('gone', '{}', '290000-01-01'), ('', '{}', null)`,
];

testOnPostgres('rows of any table that no program writes keep no box from starting, serving and summing up', (server) =>
  withHouses(
    server,
    {
      ...{ names: ['box-a'], accounts: [bob] },
      async prepare(google, pool) {
        google.grant(bob.refreshToken, { email: bob.email });
        for (const text of written) await pool.sql(text);
      },
    },
    async ({ all, pool }) => {
      const [house] = all.map((one) => one.house);
      if (house === undefined) throw new Error('no house');
      const { operations, address } = house.supervisor;
      assert.is((await house.ask()).status, 200);
      assert.is((await fetch(`http://${address}/v1beta/models`, { headers: { 'x-goog-api-key': 'x' } })).status, 401);
      const sums = await operations.usage('2000-01-01', '2999-12-31', ['key']);
      const of = (key: string) => sums.find((row) => row.key === key);
      assert.equal([of('odd')?.out, of('huge')?.in, of('huge')?.requests], [7, 2e15, 0]);
      assert.is(house.store.trash.isAwaiting, true);
      assert.ok((await house.store.trash.list()).length >= 2);
      assert.ok(house.events.length >= 4);
      assert.is(house.supervisor.snapshot().accounts.find(({ id }) => id === 'bob')?.state, 'ready');
      // what comes while it runs is followed as well, and keys that are none leave those that are
      const { key } = await operations.addKey('made', {});
      await pool.sql(`insert into {client_key} (name, doc) values ('list', '[]'), ('number', '{"hash": 5}')`);
      await pause(1_200);
      assert.is(
        (await fetch(`http://${address}/v1beta/models`, { headers: { 'x-goog-api-key': key ?? '' } })).status,
        200,
      );
      await pool.sql(`insert into {event} (at, kind, text) values ('290001-01-01', 'disabled', 'late')`);
      await pool.sql('select pg_notify($1, $2)', [house.store.shared?.database.channel ?? '', 'event:box-z']);
      for (let tries = 0; !house.events.some((event) => event.includes('late')) && tries < 300; tries++)
        await pause(10);
      assert.ok(house.events.some((event) => event.includes('late')));
      assert.not.ok(house.log.some((said) => said.startsWith('A bug')));
    },
  ),
);

test.run();
