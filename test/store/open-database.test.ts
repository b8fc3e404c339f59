/** The whole program on a PostgreSQL: two boxes of one pool. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { databaseInit } from '../../src/commands/database/database-verbs.js';
import { House, API_KEY } from '../support/house.js';
import { systemClock } from '../../src/store/ground/clock.js';
import { account, withDirectory, type DataDirectory } from '../support/directory.js';
import { googleSettings, withGoogle, type Google } from '../support/google.js';
import { testOnPostgres, type DatabaseGiven } from '../support/postgres.js';
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
          await dirA.settings({ database: given });
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

test.run();
