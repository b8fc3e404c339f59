/** The short form of `npm run soak -- simulated-hour`. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { simulatedHour } from '../support/simulated-hour.js';

test('whatever happens to accounts, projects and the upstream: what one that is well would answer is answered, at hardly a call more', async () => {
  const { requests, failed, calls, least } = await simulatedHour(3, 25);
  assert.equal(failed, []);
  assert.is(requests, 300);
  assert.ok(calls <= 1.1 * least, `${calls} calls, ${least} are the least`);
});

test.run();
