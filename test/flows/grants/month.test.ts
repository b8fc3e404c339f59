import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { month } from '../../support/month.js';

test('after days of faults of every kind, whom Google honours serves, whom it does not is out with the right cause', async () => {
  const { wrong, dead, refreshes, least } = await month({ days: 3, accounts: 40, active: 6, seed: 1 });
  assert.equal(wrong, []);
  assert.ok(dead > 0, 'some grants died');
  assert.ok(refreshes <= least * 1.05, `${refreshes} refreshes, ${least} are the least`);
});

test.run();
