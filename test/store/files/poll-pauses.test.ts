import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { densePauseMs, rareExtent, rarePauses } from '../../../src/store/files/poll-pauses.js';

test('where events are proven the files are looked at every five seconds, and ten thousand rarer', () => {
  for (const tookMs of [0, 1, 20]) assert.is(rarePauses(tookMs).look, 5_000, `${tookMs} ms`);
  assert.is(rarePauses(60).look, 15_000, 'twenty thousand');
  for (const tookMs of [200, 5_000]) assert.is(rarePauses(tookMs).look, 30_000, `${tookMs} ms`);
});

test('with thousands of files it is not listed for each of these looks', () => {
  for (const tookMs of [0, 1, 12]) assert.is(rarePauses(tookMs).list, 5_000, `${tookMs} ms`);
  for (const tookMs of [75, 5_000]) assert.is(rarePauses(tookMs).list, 30_000, `${tookMs} ms`);
});

test('of twenty thousand files the folder is listed every half minute, the files are looked at in between, else it is glanced at', () => {
  const last = { look: 0, list: 0 };
  const done: string[] = [];
  for (let at = 800; at <= 60_800; at += 800) {
    const extent = rareExtent(at, last, rarePauses(60));
    if (extent === 'glance') continue;
    done.push(`${extent} at ${at}`);
    last.look = at;
    if (extent === 'whole') last.list = at;
  }
  assert.equal(done, ['stamps at 15200', 'whole at 24000', 'stamps at 39200', 'whole at 48000']);
});

test('where they are not, an edit counts within a second as long as a look takes less', () => {
  for (let tookMs = 0; tookMs < 950; tookMs += 10) {
    assert.ok(densePauseMs(tookMs) + tookMs <= 1_000, `${tookMs} ms`);
    assert.ok(densePauseMs(tookMs) >= 50, `${tookMs} ms`);
  }
  assert.is(densePauseMs(5_000), 50, 'else at the end of the pass under way');
});

test.run();
