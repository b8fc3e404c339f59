/** A short run of `npm run soak -- store-model`, always the same. */
import fc from 'fast-check';
import { test } from 'uvu';
import { commands, play } from '../../support/store-model.js';

test('patches, edits of others, stale saves, a full disk, restarts and crashes in any order end as a simple model says', async () => {
  await fc.assert(fc.asyncProperty(commands, play), { numRuns: 60, seed: 4 });
});

test.run();
