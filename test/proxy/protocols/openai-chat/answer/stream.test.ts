import * as assert from 'node:assert/strict';
import { test } from 'uvu';
import { chatRequest } from '../../../../../src/proxy/protocols/openai-chat/request/chat-request.js';
import type { GeminiAnswerPart, GeminiEvent } from '../../../../../src/proxy/protocols/translation/gemini/gemini.js';
import type { JsonObject } from '../../../../../src/store/ground/json.js';
import { readChatStream } from '../../../../support/chat-grammar.js';
import { inOnePiece } from '../../../../support/gemini-answers.js';
import { freshSignature, geminiTakes } from '../../../../support/strict-gemini.js';
import { contextOf } from '../../../../support/translation.js';

const MESSAGES = [{ role: 'user', content: 'Say something.' }];

const says = (...parts: GeminiAnswerPart[]): GeminiEvent => ({ candidates: [{ index: 0, content: { parts } }] });
const ends = (finishReason: string): GeminiEvent => ({
  candidates: [{ index: 0, finishReason }],
  usageMetadata: {
    ...{ promptTokenCount: 50, cachedContentTokenCount: 20, candidatesTokenCount: 7, thoughtsTokenCount: 3 },
    totalTokenCount: 60,
  },
});

function request(body: JsonObject = {}) {
  return chatRequest({ model: 'm', messages: MESSAGES, ...body }, contextOf({ asked: 'my-model' }));
}

function streamed(events: readonly GeminiEvent[], body: JsonObject = {}) {
  const writer = request({ stream: true, ...body }).writer();
  return events.map((event) => writer.event(event)).join('') + writer.end();
}

const USAGE = {
  ...{ prompt_tokens: 50, completion_tokens: 10, total_tokens: 60 },
  prompt_tokens_details: { cached_tokens: 20 },
  completion_tokens_details: { reasoning_tokens: 3 },
};

test('words come as they come, under the name that was asked for', () => {
  const read = readChatStream(
    streamed([says({ text: 'Hello ' }), says({ text: '' }), says({ text: 'you' }), ends('STOP')]),
  );
  assert.deepEqual(read.choices, [{ text: 'Hello you', thinking: '', calls: [], finish: 'stop' }]);
  assert.equal(read.model, 'my-model');
  assert.equal(read.usage, undefined);
});

test('usage comes in a chunk of its own where it was asked for, and counts thoughts as completion', () => {
  const read = readChatStream(streamed([ends('STOP')], { stream_options: { include_usage: true } }));
  assert.deepEqual(read.usage, USAGE);
});

test('parallel calls have an index each, and the signature of the first stands in its id and beside it', () => {
  const signature = freshSignature(2_600);
  const stream = streamed([
    says({ functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: signature }, { functionCall: { name: 'g' } }),
    ends('STOP'),
  ]);
  const [choice] = readChatStream(stream).choices;
  assert.ok(choice);
  assert.equal(choice.finish, 'tool_calls');
  assert.deepEqual(
    choice.calls.map(({ name, args }) => [name, args]),
    [
      ['f', { a: 1 }],
      ['g', {}],
    ],
  );
  assert.equal(choice.calls[0]?.signature, signature);
  assert.match(choice.calls[0].id, /^call_[0-9a-f]{18}_sig[012][A-Za-z0-9_-]+$/);
  assert.match(choice.calls[1]?.id ?? '', /^call_[0-9a-f]{18}$/);
});

test('the next turn brings the signature back from the id, and from memory where the client cut the id', () => {
  const signature = freshSignature(2_600);
  const context = contextOf();
  const first = chatRequest({ model: 'm', messages: MESSAGES, stream: true }, context).writer();
  const stream =
    first.event(says({ functionCall: { name: 'f', args: {} }, thoughtSignature: signature })) + first.end();
  const id = readChatStream(stream).choices[0]?.calls[0]?.id ?? '';
  for (const theirs of [id, id.slice(0, 23)]) {
    const tool_calls = [{ id: theirs, type: 'function', function: { name: 'f', arguments: '{}' } }];
    const messages = [
      ...MESSAGES,
      { role: 'assistant', content: null, tool_calls },
      { role: 'tool', tool_call_id: theirs, content: 'done' },
    ];
    const { contents } = geminiTakes(chatRequest({ model: 'm', messages }, context).body, { model: 'gemini-3-pro' });
    assert.equal(contents[1]?.parts[0]?.thoughtSignature, signature);
    assert.deepEqual(contents[2]?.parts[0]?.functionResponse?.response, { output: 'done' });
  }
});

test('a function gets its own name back', () => {
  const name = 'a name/with: everything';
  const { body, writer } = request({ tools: [{ type: 'function', function: { name } }], stream: true });
  const tool = body.tools?.[0];
  const wire = tool !== undefined && 'functionDeclarations' in tool ? tool.functionDeclarations[0]?.name : undefined;
  const out = writer();
  const stream = out.event(says({ functionCall: { name: wire ?? '', args: {} } })) + out.end();
  assert.equal(readChatStream(stream).choices[0]?.calls[0]?.name, name);
});

test('thoughts are shown to a client that said how much to think, and only then', () => {
  const events = [says({ text: 'Hm.', thought: true }), says({ text: 'Yes.' }), ends('STOP')];
  assert.equal(readChatStream(streamed(events, { reasoning_effort: 'high' })).choices[0]?.thinking, 'Hm.');
  assert.equal(readChatStream(streamed(events)).choices[0]?.thinking, '');
});

test('each reason to stop has its finish_reason, and a call is one whatever else there was', () => {
  const reasons: Record<string, string> = {
    ...{ STOP: 'stop', MAX_TOKENS: 'length', OTHER: 'stop' },
    ...{ SAFETY: 'content_filter', RECITATION: 'content_filter', PROHIBITED_CONTENT: 'content_filter' },
    ...{ BLOCKLIST: 'content_filter', SPII: 'content_filter', LANGUAGE: 'content_filter' },
  };
  for (const [reason, finish] of Object.entries(reasons)) {
    assert.equal(readChatStream(streamed([says({ text: 'x' }), ends(reason)])).choices[0]?.finish, finish);
  }
  const called = [says({ functionCall: { name: 'f', args: {} } }), ends('MAX_TOKENS')];
  assert.equal(readChatStream(streamed(called)).choices[0]?.finish, 'tool_calls');
  const blocked = readChatStream(streamed([{ promptFeedback: { blockReason: 'SAFETY' } }]));
  assert.deepEqual(blocked.choices, [{ text: '', thinking: '', calls: [], finish: 'content_filter' }]);
});

test('several choices are told apart by their index', () => {
  const stream = streamed([
    { candidates: [{ index: 1, content: { parts: [{ text: 'two' }] } }] },
    { candidates: [{ content: { parts: [{ text: 'one' }] } }, { index: 1, finishReason: 'MAX_TOKENS' }] },
  ]);
  assert.deepEqual(
    readChatStream(stream).choices.map(({ text, finish }) => [text, finish]),
    [
      ['one', 'stop'],
      ['two', 'length'],
    ],
  );
});

test('a stream that breaks ends with an error and without [DONE], also before its first event', () => {
  const trouble = { kind: 'unavailable', status: 503, message: 'the upstream broke off' } as const;
  for (const before of [[], [says({ text: 'Hel' })]]) {
    const writer = request({ stream: true }).writer();
    const stream = before.map((event) => writer.event(event)).join('') + writer.ping() + writer.failed(trouble);
    const { error } = readChatStream(stream);
    assert.deepEqual(error, { message: 'the upstream broke off', type: 'server_error', param: null, code: null });
  }
});

test('a ping is a comment, and may come before anything else', () => {
  const writer = request({ stream: true }).writer();
  const stream = writer.ping() + writer.event(says({ text: 'x' })) + writer.ping() + writer.end();
  assert.equal(readChatStream(stream).choices[0]?.text, 'x');
});

test('pages that an answer rests on are annotations, in characters of its text', () => {
  const groundingMetadata = {
    webSearchQueries: ['snow'],
    groundingChunks: [{ web: { uri: 'https://example.com/a', title: 'A' } }, { web: { uri: 'https://example.com/b' } }],
    groundingSupports: [{ segment: { startIndex: 6, endIndex: 12 }, groundingChunkIndices: [0] }],
  };
  const events = [
    says({ text: 'Grüß ' }),
    says({ text: 'schön' }),
    { candidates: [{ index: 0, finishReason: 'STOP', groundingMetadata }] },
  ];
  const whole = request({ web_search_options: {} }).whole(
    inOnePiece(events.slice(0, 2).concat({ candidates: [{ groundingMetadata }] })),
  );
  assert.ok(whole);
  const stream = streamed(events, { web_search_options: {} });
  assert.match(
    stream,
    /"annotations":\[\{"type":"url_citation","url_citation":\{"start_index":4,"end_index":9,"url":"https:\/\/example.com\/a","title":"A"\}\}/,
  );
  assert.equal(readChatStream(stream).choices[0]?.text, 'Grüß schön');
  assert.doesNotMatch(streamed(events), /annotations/);
});

test('logprobs come with what they are about', () => {
  const logprobsResult = {
    chosenCandidates: [{ token: 'é', logProbability: -0.5 }],
    topCandidates: [
      {
        candidates: [
          { token: 'é', logProbability: -0.5 },
          { token: 'e', logProbability: -1 },
        ],
      },
    ],
  };
  const event = { candidates: [{ content: { parts: [{ text: 'é' }] }, logprobsResult }] };
  const expected = {
    content: [
      {
        ...{ token: 'é', logprob: -0.5, bytes: [195, 169] },
        top_logprobs: [
          { token: 'é', logprob: -0.5, bytes: [195, 169] },
          { token: 'e', logprob: -1, bytes: [101] },
        ],
      },
    ],
    refusal: null,
  };
  assert.ok(streamed([event]).includes(`"logprobs":${JSON.stringify(expected)}`));
  const { choices } = request({ logprobs: true }).whole(event) as { choices: { logprobs: unknown }[] };
  assert.deepEqual(choices[0]?.logprobs, expected);
});

test('an image that the model drew is in the answer', () => {
  const drawn = says({ inlineData: { mimeType: 'image/png', data: 'aW1n' } });
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,aW1n' } };
  assert.ok(streamed([drawn]).includes(JSON.stringify({ images: [image] })));
  const { choices } = request().whole(drawn) as { choices: { message: { images: unknown } }[] };
  assert.deepEqual(choices[0]?.message.images, [image]);
});

test('a whole answer says what a stream of it says', () => {
  const signature = freshSignature();
  const events = [
    says({ text: 'Hm.', thought: true }),
    says({ text: 'I ' }, { text: 'look.' }),
    says({ functionCall: { name: 'f', args: { a: [1] } }, thoughtSignature: signature }),
    ends('STOP'),
  ];
  const { id, created, ...answer } = request({ reasoning_effort: 'low' }).whole(inOnePiece(events));
  assert.match(String(id), /^chatcmpl-/);
  assert.equal(typeof created, 'number');
  const id18 = '000000000000000001';
  const packed = signature.replace(/=/g, '').replaceAll('+', '-').replaceAll('/', '_');
  const callId = `call_${id18}_sig${signature.split('=').length - 1}${packed}`;
  assert.deepEqual(answer, {
    ...{ object: 'chat.completion', model: 'my-model' },
    choices: [
      {
        index: 0,
        message: {
          ...{ role: 'assistant', refusal: null, content: 'I look.', reasoning_content: 'Hm.' },
          tool_calls: [
            {
              ...{ id: callId, type: 'function', function: { name: 'f', arguments: '{"a":[1]}' } },
              extra_content: { google: { thought_signature: signature } },
            },
          ],
        },
        ...{ logprobs: null, finish_reason: 'tool_calls' },
      },
    ],
    usage: USAGE,
  });
});

test('a whole answer to a prompt that was refused has one empty choice', () => {
  const { choices } = request().whole({ promptFeedback: { blockReason: 'SAFETY' } });
  const message = { role: 'assistant', refusal: null, content: null };
  assert.deepEqual(choices, [{ index: 0, message, logprobs: null, finish_reason: 'content_filter' }]);
});

test.run();
