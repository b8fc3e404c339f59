import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answerParts, candidatesOf, eventOf } from '../../../../../src/proxy/protocols/translation/answer/events.js';

test('the envelope of Code Assist is taken off a whole answer, in a list too', () => {
  for (const given of [{ responseId: 'a' }, { response: { responseId: 'a' } }, [{ response: { responseId: 'a' } }]])
    assert.equal(eventOf(given), { responseId: 'a' });
});

test('what is no list of candidates or parts has none', () => {
  for (const event of [{}, { candidates: 'x' }, { candidates: [null, 1] }] as object[])
    assert.equal(candidatesOf(event), []);
  for (const candidate of [
    {},
    { content: null },
    { content: { parts: 'x' } },
    { content: { parts: [null, 2] } },
  ] as object[])
    assert.equal(answerParts(candidate), []);
  assert.equal(eventOf('x'), {});
});

test.run();
