/** The hostile hour in some seconds; the whole of it is `npm run soak -- hostile`. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { amiss, hostileHour } from '../support/hostile-hour.js';

test('twenty attacks at once: none of fifty honest clients fails, and nothing is left of them', async () => {
  const figures = await hostileHour({
    ...{ turns: 1, warmUpMs: 2_000, quietMs: 2_000, attackMs: 8_000, everyMs: 1_000, size: 0.1 },
  });
  // how long requests take beside other tests says nothing: the hour looks at that
  assert.equal(amiss(figures, Number.POSITIVE_INFINITY), []);
  assert.is(Object.keys(figures.fought.rounds).length, 20);
});

test.run();
