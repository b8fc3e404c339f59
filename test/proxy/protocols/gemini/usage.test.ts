import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageTail, usedIn } from '../../../../src/proxy/protocols/gemini/usage.js';

const totalOf = (...chunks: string[]) => {
  const usage = new UsageTail();
  for (const chunk of chunks) usage.push(Buffer.from(chunk));
  return usage.total();
};

test('the last usage of an answer counts, also where it is cut over chunks', () => {
  assert.is(totalOf('{"usageMetadata": {"totalTokenCount": 5}}'), 5);
  assert.is(totalOf('data: {"totalTokenCount":5}\n\n', 'data: {"total', 'TokenCount":1', '2}\n\n'), 12);
  assert.is(totalOf('x'.repeat(10_000), '"totalTokenCount":7}'), 7);
  assert.is(totalOf('x'.repeat(6_000), 'y'.repeat(3_000), '"totalTok', 'enCount":9}'), 9);
  assert.is(totalOf('{', ...Array.from({ length: 100 }, () => 'y'.repeat(100)), '"totalTokenCount" : 8,'), 8);
});

test('an answer without usage has none', () => {
  assert.is(totalOf(), null);
  assert.is(totalOf('{"candidates":[]}'), null);
  assert.is(totalOf('"totalTokenCount":'), null);
  assert.is(totalOf('data: {"totalTokenCount":12'), null, 'a number that broke off is not the number');
  assert.is(totalOf('"totalTokenCount":5,', 'z'.repeat(5_000)), null);
});

test('an interaction says in other words what it used; what a model writes about usage is none', () => {
  const usage = { total_tokens: 71, total_input_tokens: 50, total_cached_tokens: 20, total_output_tokens: 9 };
  const more = { total_thought_tokens: 5, total_tool_use_tokens: 7 };
  const said = { in: 37, cached: 20, out: 9, thoughts: 5 };
  assert.equal(usedIn(Buffer.from(JSON.stringify({ id: 'i1', usage: { ...usage, ...more } }, null, 2))), said);
  const event = { event_type: 'interaction.completed', interaction: { usage: { ...usage, ...more } } };
  assert.equal(usedIn(Buffer.from(`event: interaction.completed\ndata: ${JSON.stringify(event)}\n\n`)), said);
  assert.is(usedIn(Buffer.from(JSON.stringify({ text: JSON.stringify({ usage }) }))), null);
});

test.run();
