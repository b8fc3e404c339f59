import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { densePauseMs, rarePauseMs } from '../../../src/store/files/poll-pauses.js';

test('where events are proven the files are looked at every five seconds, rarer only where a look takes longer than at 20,000', () => {
  for (const tookMs of [0, 1, 40, 110, 125]) assert.is(rarePauseMs(tookMs), 5_000, `${tookMs} ms`);
  assert.is(rarePauseMs(250), 10_000);
  for (const tookMs of [750, 5_000]) assert.is(rarePauseMs(tookMs), 30_000, `${tookMs} ms`);
});

test('where they are not, an edit counts within a second as long as a look takes less', () => {
  for (let tookMs = 0; tookMs < 950; tookMs += 10) {
    assert.ok(densePauseMs(tookMs) + tookMs <= 1_000, `${tookMs} ms`);
    assert.ok(densePauseMs(tookMs) >= 50, `${tookMs} ms`);
  }
  assert.is(densePauseMs(5_000), 50, 'else at the end of the pass under way');
});

test.run();
