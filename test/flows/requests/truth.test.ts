/** Any sequence of requests of any kind, in front of an upstream that knows who is bad, since when and until when. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anyWorld } from '../../support/any-world.js';
import { untruths } from '../../support/truth.js';

test('whom Google would serve is served; nobody rests without a reason, or longer than that and one doubling', async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, async (world) => {
      assert.equal(await untruths(world), []);
    }),
    { numRuns: 30 },
  );
});

test.run();
