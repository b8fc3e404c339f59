import * as assert from 'node:assert/strict';
import { test } from 'uvu';
import { responsesRequest } from '../../../../src/proxy/protocols/openai-responses/request.js';
import type { Trouble } from '../../../../src/proxy/protocols/translation/answer/trouble.js';
import type { GeminiAnswerPart, GeminiEvent } from '../../../../src/proxy/protocols/translation/gemini/gemini.js';
import type { JsonObject } from '../../../../src/store/ground/json.js';
import { inOnePiece } from '../../../support/gemini-answers.js';
import { readResponse, readResponsesStream } from '../../../support/responses-grammar.js';
import { freshSignature } from '../../../support/strict-gemini.js';
import { contextOf } from '../../../support/translation.js';

const says = (...parts: GeminiAnswerPart[]): GeminiEvent => ({ candidates: [{ index: 0, content: { parts } }] });
const ends = (finishReason: string): GeminiEvent => ({
  candidates: [{ index: 0, finishReason }],
  usageMetadata: { promptTokenCount: 50, cachedContentTokenCount: 20, candidatesTokenCount: 7, thoughtsTokenCount: 3 },
});

const request = (body: JsonObject = {}) =>
  responsesRequest({ model: 'm', input: 'Go.', ...body }, contextOf({ asked: 'my-model' }));

function streamed(events: readonly GeminiEvent[], body: JsonObject = {}) {
  const writer = request({ stream: true, ...body }).writer();
  return readResponsesStream(events.map((event) => writer.event(event)).join('') + writer.end());
}

const THOUGHTS = { reasoning: { summary: 'auto' } };

test('words are one message: added, its part, deltas, and done with all of it', () => {
  const { types, response, text } = streamed([
    says({ text: 'Hello ' }),
    says({ text: '' }),
    says({ text: 'you' }),
    ends('STOP'),
  ]);
  assert.equal(text, 'Hello you');
  assert.deepEqual(types, [
    ...['response.created', 'response.in_progress', 'response.output_item.added', 'response.content_part.added'],
    ...['response.output_text.delta', 'response.output_text.delta', 'response.output_text.done'],
    ...['response.content_part.done', 'response.output_item.done', 'response.completed'],
  ]);
  assert.equal(response.model, 'my-model');
  assert.deepEqual('usage' in response && response.usage, {
    ...{ input_tokens: 50, input_tokens_details: { cached_tokens: 20 }, output_tokens: 10 },
    ...{ output_tokens_details: { reasoning_tokens: 3 }, total_tokens: 60 },
  });
});

test('thoughts are reasoning where a summary was asked for, and nothing where not', () => {
  const events = [says({ text: 'Hm.', thought: true }), says({ text: 'Yes.' }), ends('STOP')];
  assert.deepEqual(
    streamed(events, THOUGHTS).response.output.map((item) => (item as JsonObject).type),
    ['reasoning', 'message'],
  );
  assert.equal(streamed(events).thinking, '');
});

const TOOLS = [
  { type: 'function', name: 'shell' },
  { type: 'custom', name: 'patch' },
  {
    type: 'namespace',
    name: 'agents',
    tools: [
      { type: 'function', name: 'close' },
      { type: 'custom', name: 'ask' },
    ],
  },
  { type: 'tool_search', execution: 'client' },
];
const called = (name: string, args: JsonObject, thoughtSignature?: string) =>
  says({ functionCall: { name, args }, ...(thoughtSignature !== undefined && { thoughtSignature }) });

test('a call is told in the form that its tool was declared in, a namespace as a field', () => {
  const { calls } = streamed(
    [
      called('shell', { cmd: 'ls' }),
      called('patch', { input: '*** Begin' }),
      called('agents__close', { id: 1 }),
      called('agents__ask', { other: 1 }),
      called('tool_search', { query: 'x' }),
      called('invented', {}),
      ends('STOP'),
    ],
    { tools: TOOLS },
  );
  assert.deepEqual(
    calls.map((call) => {
      const { type, name, namespace, input, arguments: args } = call as JsonObject;
      return [type, namespace ?? null, name ?? null, input ?? args];
    }),
    [
      ['function_call', null, 'shell', '{"cmd":"ls"}'],
      ['custom_tool_call', null, 'patch', '*** Begin'],
      ['function_call', 'agents', 'close', '{"id":1}'],
      ['custom_tool_call', 'agents', 'ask', '{"other":1}'],
      ['tool_search_call', null, null, { query: 'x' }],
      ['function_call', null, 'invented', '{}'],
    ],
  );
});

test('the signature of a call stands in its call_id', () => {
  const { calls } = streamed([called('shell', {}, freshSignature(2_600)), ends('STOP')], { tools: TOOLS });
  assert.match(String((calls[0] as JsonObject).call_id), /^call_[0-9a-f]{18}_sig[012][A-Za-z0-9_-]{2000,}$/);
});

test('an answer that was cut is incomplete, and so is the message that it was cut in', () => {
  const { response } = streamed([says({ text: 'Once' }), ends('MAX_TOKENS')]);
  assert.deepEqual('incomplete_details' in response && response.incomplete_details, { reason: 'max_output_tokens' });
  assert.equal((response.output[0] as JsonObject).status, 'incomplete');
});

test('an answer or a prompt that was refused is incomplete by the filter', () => {
  for (const events of [[says({ text: 'x' }), ends('SAFETY')], [{ promptFeedback: { blockReason: 'OTHER' } }]]) {
    const { response } = streamed(events);
    assert.deepEqual('incomplete_details' in response && response.incomplete_details, { reason: 'content_filter' });
  }
});

function failed(trouble: Trouble, before: GeminiEvent[] = []) {
  const writer = request({ stream: true }).writer();
  const stream = before.map((event) => writer.event(event)).join('') + writer.ping() + writer.failed(trouble);
  const { response, types } = readResponsesStream(stream);
  assert.equal(response.status, 'failed');
  return { types, error: 'error' in response ? response.error : null };
}

test('a stream that breaks ends with a failed response, also before its first event', () => {
  const trouble: Trouble = { kind: 'unavailable', status: 503, message: 'broke off' };
  const error = { code: 'server_error', message: 'broke off' };
  const before = failed(trouble);
  assert.deepEqual(before.types, ['response.created', 'response.in_progress', 'response.failed']);
  assert.deepEqual(before.error, error);
  assert.deepEqual(failed(trouble, [says({ text: 'Hel' })]).error, error);
});

test('a rate limit says when to come back, in the words that Codex reads', () => {
  const { error } = failed({ kind: 'rate_limited', status: 429, message: 'too many requests.', retryAfterSeconds: 7 });
  assert.deepEqual(error, {
    code: 'rate_limit_exceeded',
    message: 'too many requests. Please try again in 7s.',
  });
});

test('a prompt that is too long and a request that was refused are not to be tried again', () => {
  assert.equal(failed({ kind: 'too_many_tokens', status: 400, message: 'x' }).error?.code, 'context_length_exceeded');
  assert.equal(failed({ kind: 'bad_request', status: 400, message: 'x' }).error?.code, 'invalid_prompt');
});

test('pages that an answer rests on are annotations of its text, and the search an item behind it', () => {
  const groundingMetadata = {
    webSearchQueries: ['snow'],
    groundingChunks: [{ web: { uri: 'https://example.com/a', title: 'A' } }],
    groundingSupports: [{ segment: { startIndex: 0, endIndex: 6 }, groundingChunkIndices: [0] }],
  };
  const events = [says({ text: 'Grüß' }), { candidates: [{ index: 0, finishReason: 'STOP', groundingMetadata }] }];
  const body = { tools: [{ type: 'web_search' }] };
  const annotation = { type: 'url_citation', start_index: 0, end_index: 4, url: 'https://example.com/a', title: 'A' };
  const { response, types } = streamed(events, body);
  assert.ok(types.includes('response.output_text.annotation.added'));
  const whole = readResponse(
    request(body).whole({
      candidates: [{ content: { parts: [{ text: 'Grüß' }] }, finishReason: 'STOP', groundingMetadata }],
    }),
  );
  for (const { output } of [response, whole.response]) {
    const [message, search] = output as { type: string; content?: { annotations: unknown }[] }[];
    assert.deepEqual(message?.content?.[0]?.annotations, [annotation]);
    assert.equal(search?.type, 'web_search_call');
  }
});

test('an image that the model drew is an item', () => {
  const drawn = says({ inlineData: { mimeType: 'image/png', data: 'aW1n' } });
  for (const { output } of [streamed([drawn]).response, readResponse(request().whole(drawn)).response]) {
    assert.equal((output[0] as JsonObject).result, 'aW1n');
  }
});

test('a whole answer repeats what was asked for, and says what a stream says', () => {
  const events = [
    says({ text: 'Hm.', thought: true }),
    says({ text: 'I ' }, { text: 'look.' }),
    called('shell', { a: 1 }),
    ends('STOP'),
  ];
  const body = { ...THOUGHTS, tools: TOOLS, instructions: 'Be kind.', max_output_tokens: 90, temperature: 0.5 };
  const read = readResponse(request(body).whole(inOnePiece(events)));
  assert.deepEqual([read.thinking, read.text, read.calls.length], ['Hm.', 'I look.', 1]);
  const { instructions, max_output_tokens, temperature, store, reasoning } = read.response as JsonObject;
  assert.deepEqual(
    { instructions, max_output_tokens, temperature, store, reasoning },
    {
      ...{ instructions: 'Be kind.', max_output_tokens: 90, temperature: 0.5, store: false },
      reasoning: { effort: null, summary: 'auto' },
    },
  );
});

test.run();
