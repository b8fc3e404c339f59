import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lockRounds } from '../../support/lock-rounds.js';
import { seeded } from '../../support/random.js';

test('two contenders at a time, killed at random: never two owners, never a lock-out', async () => {
  const figures = await lockRounds(15, seeded(7));
  assert.is(figures.twoOwners, 0);
  assert.is(figures.lockedOut, 0);
  assert.ok(figures.killed > 0 && figures.refused > 0 && figures.owned > 15, JSON.stringify(figures));
});

test.run();
