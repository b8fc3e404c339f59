/** A short run of `npm run soak -- live-fuzz`. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fuzzLive } from '../../support/live-fuzz.js';
import { seeded } from '../../support/random.js';

test('upgrades, frames cut anywhere, unmasked frames, lengths of 2^63: nothing ends, nothing stays, nothing grows', async () => {
  const { left, faults, servesOn, grownBytes } = await fuzzLive(300, seeded(19));
  assert.equal({ left, faults }, { left: 0, faults: 0 });
  assert.ok(servesOn);
  assert.ok(grownBytes < 30_000_000, `${grownBytes} bytes more`);
});

test.run();
