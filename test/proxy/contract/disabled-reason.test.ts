import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { disabledReason, readDisabledReason } from '../../../src/proxy/contract/disabled-reason.js';

test('the stored reason gives the words back', () => {
  for (const [words, subtype] of [
    ['Token has been expired or revoked.', ''],
    ['reauth related error (invalid_rapt)', 'invalid_rapt'],
    ['', ''],
  ] as const) {
    assert.equal(readDisabledReason(disabledReason(words, subtype)), { words, subtype });
  }
  assert.equal(readDisabledReason('something of another program'), { words: '', subtype: '' });
});

test.run();
