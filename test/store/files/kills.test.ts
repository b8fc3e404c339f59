/** A short run of `npm run soak -- store-kills`. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seeded } from '../../support/random.js';
import { killStore } from '../../support/store-kills.js';

test('killed at random moments of its work: no torn file, no lost field, no flag back; what was done is on disk', async () => {
  const { saved, torn, lost, resurrected } = await killStore({ kills: 15, accounts: 8, mostChanges: 20 }, seeded(7));
  assert.equal(torn, []);
  assert.equal(lost, []);
  assert.equal(resurrected, []);
  assert.ok(saved > 20, `${saved} changes are too few to say anything`);
});

test.run();
