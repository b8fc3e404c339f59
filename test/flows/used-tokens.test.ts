/** The short form of `npm run soak -- used-tokens`. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { usedTokens } from '../support/used-tokens.js';

test('what was used is what the upstream said, in every protocol and packing, whatever became of the request', async () => {
  const { requests, empty, differences } = await usedTokens(500, 7);
  assert.equal(differences, []);
  assert.is(requests, 500);
  assert.ok(empty > 10, 'some answers were empty, and asked for once more');
});

test.run();
