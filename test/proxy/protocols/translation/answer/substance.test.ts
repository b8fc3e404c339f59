import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GeminiAnswerPart, GeminiEvent } from '../../../../../src/proxy/protocols/translation/gemini/gemini.js';
import { Substance } from '../../../../../src/proxy/protocols/translation/answer/substance.js';

const event = (parts: readonly GeminiAnswerPart[], finishReason?: string): GeminiEvent => ({
  candidates: [{ content: { parts }, ...(finishReason !== undefined && { finishReason }) }],
});

/** What holds after each event, and at the end. */
function course(events: readonly GeminiEvent[], thoughtsShown = false): string[] {
  const substance = new Substance(thoughtsShown);
  return [...events.map((one) => substance.after(one)), substance.ended()];
}

test('words, calls and pictures are something, empty texts are nothing yet', () => {
  const parts = [{ text: 'hi' }, { functionCall: { name: 'f' } }, { inlineData: { data: 'aGk=' } }];
  for (const part of parts)
    assert.equal(course([event([{ text: '' }]), event([part]), event([], 'STOP')]), [
      'waiting',
      'visible',
      'visible',
      'visible',
    ]);
});

test('an answer that ends without anything is empty', () => {
  assert.equal(course([]), ['empty']);
  assert.equal(course([{}]), ['waiting', 'empty']);
  assert.equal(course([event([{ text: '' }], 'STOP')]), ['waiting', 'empty']);
});

test('a call that came out malformed is no answer, whatever was thought before it in secret', () => {
  for (const reason of ['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL']) {
    assert.equal(course([event([], reason)]), ['waiting', 'empty']);
    assert.equal(course([event([{ text: 'hm', thought: true }]), event([], reason)]), ['waiting', 'waiting', 'empty']);
    assert.equal(course([event([{ text: 'hi' }]), event([], reason)]).at(-1), 'visible');
    for (const part of [{ text: 'hi' }, { functionCall: { name: 'f' } }])
      assert.equal(course([event([part], reason)]), ['waiting', 'empty'], 'nothing was sent yet');
  }
});

test('nothing but thoughts is not empty', () => {
  const thoughts = [event([{ text: 'hm', thought: true }]), event([{ text: '' }], 'STOP')];
  assert.equal(course(thoughts), ['waiting', 'waiting', 'whole']);
  assert.equal(course(thoughts, true), ['visible', 'visible', 'visible']);
});

test('an answer that was cut off or refused says enough', () => {
  for (const reason of ['MAX_TOKENS', 'SAFETY', 'RECITATION'])
    assert.equal(course([event([], reason)]), ['whole', 'whole']);
  assert.equal(course([{ promptFeedback: { blockReason: 'SAFETY' } }]), ['whole', 'whole']);
});

test('why it is empty can be told', () => {
  const substance = new Substance(false);
  substance.after(event([], 'MALFORMED_FUNCTION_CALL'));
  assert.is(substance.emptyBecause, 'MALFORMED_FUNCTION_CALL');
  assert.is(new Substance(false).emptyBecause, 'no finish reason');
});

test.run();
