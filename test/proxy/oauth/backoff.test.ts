import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backoffMs, refusalPauseMs } from '../../../src/proxy/oauth/backoff.js';

test('the first pause is 1 to 2 s, each doubles, none is over 5 min', () => {
  assert.is(backoffMs(1, 0, null), 1_000);
  assert.is(backoffMs(1, 1, null), 2_000);
  assert.is(backoffMs(2, 0, null), 2_000);
  assert.is(backoffMs(5, 0.5, null), 24_000);
  for (const failures of [9, 20, 1_000, 1e9]) {
    assert.ok(backoffMs(failures, 0, null) >= 150_000);
    assert.ok(backoffMs(failures, 1, null) <= 300_000);
  }
});

test('a longer wait that the server asks for wins, a shorter one does not', () => {
  assert.is(backoffMs(1, 0, 60_000), 60_000);
  assert.is(backoffMs(8, 0, 1_000), 128_000);
  assert.is(backoffMs(1, 0, 1e12), 86_400_000, 'but not for ever');
});

test('a refusal is left alone for 15 min, doubling to a day', () => {
  assert.is(refusalPauseMs(1), 900_000);
  assert.is(refusalPauseMs(2), 1_800_000);
  assert.is(refusalPauseMs(50), 86_400_000);
});

test.run();
