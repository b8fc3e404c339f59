import * as assert from 'node:assert/strict';
import { test } from 'uvu';
import { embeddingsRequest } from '../../../../src/proxy/protocols/openai-chat/embeddings.js';
import type { TranslatedCall } from '../../../../src/proxy/protocols/translation/route.js';
import type { JsonObject } from '../../../../src/store/ground/json.js';
import { contextOf } from '../../../support/translation.js';

/** What is made of Google's answer. */
const made = ({ answer }: TranslatedCall, told: unknown) =>
  answer.kind === 'made' ? answer.made(told) : assert.fail('it is answered in one piece');

const request = (body: JsonObject) =>
  embeddingsRequest({ model: 'm', ...body }, contextOf({ asked: 'text-embedding-3', model: 'gemini-embedding-001' }));

const TOLD = { embeddings: [{ values: [0.5, -0.25, 1] }, { values: [] }] };

test('each text is a request of one batch, with the dimensions that were asked for', () => {
  const { call, body, unknown } = request({ input: ['a', 'b'], dimensions: 256, user: 'u', odd: 1 });
  assert.equal(call, 'batchEmbedContents');
  assert.deepEqual(unknown, ['odd']);
  assert.deepEqual(body, {
    requests: ['a', 'b'].map((text) => ({
      ...{ model: 'models/gemini-embedding-001', content: { parts: [{ text }] } },
      outputDimensionality: 256,
    })),
  });
  assert.equal((request({ input: 'a' }).body as { requests: unknown[] }).requests.length, 1);
});

test('vectors come as numbers, or as the bytes of 32-bit floats where base64 was asked for', () => {
  const answered = (encoding_format?: string) => {
    const answer = made(request({ input: ['a', 'b'], encoding_format }), TOLD);
    assert.ok(answer);
    return answer;
  };
  assert.deepEqual(answered(), {
    ...{ object: 'list', model: 'text-embedding-3' },
    data: [
      { object: 'embedding', index: 0, embedding: [0.5, -0.25, 1] },
      { object: 'embedding', index: 1, embedding: [] },
    ],
    usage: { prompt_tokens: 0, total_tokens: 0 },
  });
  const [first] = answered('base64').data as { embedding: string }[];
  const bytes = Buffer.from(first?.embedding ?? '', 'base64');
  assert.deepEqual(
    [0, 4, 8].map((at) => bytes.readFloatLE(at)),
    [0.5, -0.25, 1],
  );
});

test('tokens that Gemini tells of are counted', () => {
  const answer = made(request({ input: 'a' }), { ...TOLD, usageMetadata: { promptTokenCount: 7 } });
  assert.deepEqual(answer?.usage, { prompt_tokens: 7, total_tokens: 7 });
});

test('tokens, nothing at all and other encodings are refused by name', () => {
  const refused: [string, JsonObject][] = [
    ['input', {}],
    ['input', { input: [] }],
    ['input', { input: '' }],
    ['input', { input: [1, 2] }],
    ['input', { input: [[1, 2]] }],
    ['input[1]', { input: ['a', ''] }],
    ['encoding_format', { input: 'a', encoding_format: 'int8' }],
    ['dimensions', { input: 'a', dimensions: 0 }],
  ];
  for (const [field, body] of refused) assert.throws(() => request(body), { code: 'BAD_REQUEST', field });
});

test('an answer without vectors is an empty one', () => {
  for (const told of [{}, null, 'x', { embeddings: [] }]) assert.equal(made(request({ input: 'a' }), told), null);
});

test.run();
