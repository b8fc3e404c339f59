import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { conversationOf } from '../../../../src/proxy/protocols/gemini/conversation.js';

const bodyOf = (...texts: readonly string[]) => ({
  systemInstruction: { parts: [{ text: 'be "contents": [brief' }] },
  contents: texts.map((text, index) => ({ role: index % 2 ? 'model' : 'user', parts: [{ text }] })),
});
const named = (value: unknown, model = 'm') => conversationOf(Buffer.from(JSON.stringify(value)), model);

test('later requests of a conversation are told by its first message', () => {
  const first = named(bodyOf('hello, "you"]}'));
  assert.ok(first);
  assert.is(named(bodyOf('hello, "you"]}', 'hi', 'and then?')), first);
  assert.is.not(named(bodyOf('hello, me')), first);
  assert.is.not(named(bodyOf('hello, "you"]}'), 'other-model'), first);
});

test('what holds no message is no conversation', () => {
  for (const body of ['', '{}', '[', '{"contents', '{"a":{"contents":[{}]}}', '"contents":[1', 'not json']) {
    assert.is(conversationOf(Buffer.from(body), 'm'), null, body);
  }
  assert.is(conversationOf(null, 'm'), null);
});

test('an unfinished body is looked at no further than it goes', () => {
  assert.ok(conversationOf(Buffer.from('{"contents": [ {"parts":[{"text":"cut of'), 'm'));
});

test('of a first message of megabytes only the front is looked at', () => {
  const large = `{"contents":[{"parts":[{"text":"${'x'.repeat(20_000_000)}"}]}]}`;
  const body = Buffer.from(large);
  const began = process.cpuUsage();
  assert.ok(conversationOf(body, 'm'));
  const { user, system } = process.cpuUsage(began);
  assert.ok(user + system < 15_000, `${user + system} µs`);
});

test.run();
