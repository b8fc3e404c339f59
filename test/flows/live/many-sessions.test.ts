/** The short form of `npm run soak -- live-sessions`. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { manySessions } from '../../support/many-sessions.js';

test('a session holds 40 kB at most, a client that does not read a few pieces, and a stop tells every other 1012', async () => {
  const count = 60;
  const slow = 10;
  const figures = await manySessions({ count, slow, requests: 200, lookAfterMs: 150 });
  assert.ok(figures.held < 40_000, `${figures.held} bytes`);
  assert.ok(figures.slow < 500_000 && figures.slowLater < 500_000, `${figures.slow}, ${figures.slowLater} of 8 MB`);
  assert.equal([figures.told, figures.status], [count - slow, 0]);
  assert.ok(figures.stopMs < 5_000, `${figures.stopMs} ms, where ten seconds would be waited for streams`);
});

test.run();
