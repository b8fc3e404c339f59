import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NO_USAGE, usageAfter, usedOf } from '../../../../../src/proxy/protocols/translation/answer/usage.js';

test('counts are of the whole so far, and what an event does not repeat stays', () => {
  const first = usageAfter(NO_USAGE, {
    usageMetadata: { promptTokenCount: 100, cachedContentTokenCount: 40, totalTokenCount: 100 },
  });
  assert.equal(first, { prompt: 100, cached: 40, toolUse: 0, candidates: 0, thoughts: 0, total: 100 });
  const last = usageAfter(first, {
    usageMetadata: { candidatesTokenCount: 7, thoughtsTokenCount: 3, totalTokenCount: 110 },
  });
  assert.equal(last, { prompt: 100, cached: 40, toolUse: 0, candidates: 7, thoughts: 3, total: 110 });
  assert.is(usageAfter(last, {}), last);
});

test('counts that cannot be are not believed', () => {
  const odd = { promptTokenCount: 5, cachedContentTokenCount: 9, candidatesTokenCount: -1, thoughtsTokenCount: 1.5 };
  assert.equal(usageAfter(NO_USAGE, { usageMetadata: odd }), {
    prompt: 5,
    cached: 5,
    toolUse: 0,
    candidates: 0,
    thoughts: 0,
    total: 5,
  });
});

test("what results of Google's own tools took is counted with what went in", () => {
  const told = {
    promptTokenCount: 50,
    cachedContentTokenCount: 9,
    toolUsePromptTokenCount: 7,
    candidatesTokenCount: 2,
  };
  const usage = usageAfter(NO_USAGE, { usageMetadata: told });
  assert.equal(usedOf(usage), { in: 48, cached: 9, out: 2, thoughts: 0 });
  assert.is(usage.total, 59);
});

test.run();
