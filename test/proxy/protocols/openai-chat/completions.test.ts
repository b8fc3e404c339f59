import * as assert from 'node:assert/strict';
import { test } from 'uvu';
import { completionRequest } from '../../../../src/proxy/protocols/openai-chat/completions.js';
import type { JsonObject } from '../../../../src/store/ground/json.js';
import { readEvents } from '../../../support/server-sent-events.js';
import { geminiTakes } from '../../../support/strict-gemini.js';
import { contextOf } from '../../../support/translation.js';

const request = (body: JsonObject = {}) =>
  completionRequest({ model: 'm', prompt: 'Once upon', ...body }, contextOf({ asked: 'my-model' }));

const ANSWER = {
  candidates: [
    { content: { parts: [{ text: 'Hm.', thought: true }, { text: ' a time' }] }, finishReason: 'MAX_TOKENS' },
  ],
  usageMetadata: { promptTokenCount: 2, candidatesTokenCount: 3, thoughtsTokenCount: 4 },
};
const USAGE = {
  ...{ prompt_tokens: 2, completion_tokens: 7, total_tokens: 9 },
  prompt_tokens_details: { cached_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 4 },
};

test('a prompt is one turn of the user, with the settings that Chat has too', () => {
  const { body } = request({
    prompt: ['Once upon'],
    max_tokens: 5,
    stop: ['.'],
    temperature: 0,
    n: 2,
    seed: 2 ** 40 + 1,
  });
  assert.deepEqual(geminiTakes(body, { model: 'gemini-3-pro' }), {
    contents: [{ role: 'user', parts: [{ text: 'Once upon' }] }],
    generationConfig: { temperature: 0, candidateCount: 2, stopSequences: ['.'], seed: 1, maxOutputTokens: 5 },
  });
});

test('several prompts, tokens, and what Gemini has not are refused by name', () => {
  const refused: [string, JsonObject][] = [
    ['prompt', { prompt: ['a', 'b'] }],
    ['prompt', { prompt: [1, 2] }],
    ['prompt', { prompt: [[1, 2]] }],
    ['prompt', { prompt: '' }],
    ['suffix', { suffix: 'x' }],
    ['echo', { echo: true }],
    ['logprobs', { logprobs: 5 }],
  ];
  for (const [field, body] of refused) assert.throws(() => request(body), { code: 'BAD_REQUEST', field });
});

test('a whole answer is words and a reason, thoughts left out', () => {
  const { id, ...answer } = request().whole(ANSWER);
  assert.match(String(id), /^cmpl-/);
  assert.deepEqual(answer, {
    ...{ object: 'text_completion', created: contextOf().now, model: 'my-model' },
    choices: [{ text: ' a time', index: 0, logprobs: null, finish_reason: 'length' }],
    usage: USAGE,
  });
});

test('a stream is words, one reason a choice, usage where asked for, and [DONE]', () => {
  const writer = request({ stream: true, stream_options: { include_usage: true } }).writer();
  const events = readEvents(writer.event(ANSWER) + writer.ping() + writer.end());
  assert.equal(events.pop()?.data, '[DONE]');
  const chunks = events.map(({ data }) => JSON.parse(data) as { choices: unknown[]; usage?: unknown });
  assert.deepEqual(
    chunks.flatMap(({ choices }) => choices),
    [
      { text: ' a time', index: 0, logprobs: null, finish_reason: null },
      { text: '', index: 0, logprobs: null, finish_reason: 'length' },
    ],
  );
  assert.deepEqual(chunks.at(-1)?.usage, USAGE);
});

test('a stream that breaks ends with an error', () => {
  const writer = request({ stream: true }).writer();
  const [event] = readEvents(writer.failed({ kind: 'unavailable', status: 503, message: 'gone' }));
  assert.deepEqual(JSON.parse(event?.data ?? ''), {
    error: { message: 'gone', type: 'server_error', param: null, code: null },
  });
});

test.run();
