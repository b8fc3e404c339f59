/** The short form of `npm run soak -- several-machines`: three boxes as processes, killed, cut off, and their server stopped. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testOnPostgres } from '../../support/postgres.js';
import { fractions } from '../../support/random.js';
import { runMachines } from '../../support/several-machines.js';

testOnPostgres('no token is sent twice or lost, and no healthy account disabled, whatever happens', async (server) => {
  const seed = Date.now() % 1_000_000;
  const figures = await runMachines(server, {
    ...{ exchanges: 300, seconds: 20, boxes: 3, accounts: 8, lifeMs: 1_000, blows: 4 },
    random: fractions(seed),
  });
  const { twiceInFlight, sentAgain, lost, wronglyDisabled, faults } = figures;
  const bad = { twiceInFlight, sentAgain, lost, wronglyDisabled, faults };
  const none = { twiceInFlight: 0, sentAgain: 0, lost: 0, wronglyDisabled: 0, faults: [] };
  assert.equal(bad, none, `seed ${seed}: ${JSON.stringify(figures)}`);
  assert.ok(figures.exchanges > 0 && figures.kills > 0, JSON.stringify(figures));
});

test.run();
