/** Short runs of `npm run soak -- editors`. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seeded } from '../../support/random.js';
import { twoEditors } from '../../support/two-editors.js';

const SEED = 11;

for (const { how, pauseMs } of [
  { how: 'in-place', pauseMs: 0 },
  { how: 'rename', pauseMs: 5 },
  { how: 'rename', pauseMs: 0 },
] as const) {
  test(`two editors at once, the other one ${how} every ${pauseMs} ms: nothing is lost on either side`, async () => {
    const figures = await twoEditors({ how, pauseMs, edits: 120, files: 4, exchange: 'yes' }, seeded(SEED));
    assert.equal(figures.lostOurs, []);
    assert.is(figures.lostTheirs, 0);
    assert.is(figures.applied, 120);
  });
}

test('where two names cannot be exchanged, ours still hold, and nothing written in place is lost', async () => {
  for (const how of ['in-place', 'rename'] as const) {
    const figures = await twoEditors({ how, pauseMs: 5, edits: 80, files: 4, exchange: 'no' }, seeded(SEED));
    assert.equal(figures.lostOurs, []);
    // what is renamed there between our last look and our own rename is lost: the soak counts it
    if (how === 'in-place') assert.is(figures.lostTheirs, 0);
  }
});

test.run();
