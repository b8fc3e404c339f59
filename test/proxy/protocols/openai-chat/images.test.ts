import * as assert from 'node:assert/strict';
import { test } from 'uvu';
import { imagesRequest } from '../../../../src/proxy/protocols/openai-chat/images.js';
import type { TranslatedCall } from '../../../../src/proxy/protocols/translation/route.js';
import type { JsonObject } from '../../../../src/store/ground/json.js';
import { geminiTakes } from '../../../support/strict-gemini.js';
import { contextOf } from '../../../support/translation.js';

/** What is made of Google's answer. */
const made = ({ answer }: TranslatedCall, told: unknown) =>
  answer.kind === 'made' ? answer.made(told) : assert.fail('it is answered in one piece');

const request = (body: JsonObject, model = 'gemini-3-pro-image') =>
  imagesRequest({ model: 'm', prompt: 'a fox', ...body }, contextOf({ model }));

test('a Gemini that draws is asked for an image of the nearest shape', () => {
  const { call, body } = request({ size: '1792x1024', n: 2, quality: 'hd', response_format: 'b64_json' });
  assert.equal(call, 'generateContent');
  assert.deepEqual(geminiTakes(body, { model: 'gemini-3-pro-image' }), {
    contents: [{ role: 'user', parts: [{ text: 'a fox' }] }],
    generationConfig: { responseModalities: ['IMAGE'], candidateCount: 2, imageConfig: { aspectRatio: '16:9' } },
  });
  const shapes = ['1024x1024', '1536x1024', '1024x1536', '1024x1792', 'auto', null].map((size) => {
    const { generationConfig } = geminiTakes(request({ size }).body, { model: 'gemini-3-pro-image' });
    return generationConfig?.imageConfig?.aspectRatio;
  });
  assert.deepEqual(shapes, ['1:1', '3:2', '2:3', '9:16', undefined, undefined]);
});

test('Imagen is asked by its own method', () => {
  const imagen = request({ n: 3, size: '512x512' }, 'imagen-4.0-generate-001');
  assert.equal(imagen.call, 'predict');
  assert.deepEqual(imagen.body, {
    instances: [{ prompt: 'a fox' }],
    parameters: { sampleCount: 3, aspectRatio: '1:1' },
  });
  const drawn = made(imagen, { predictions: [{ mimeType: 'image/png', bytesBase64Encoded: 'aW1n' }] });
  assert.deepEqual(drawn?.data, [{ b64_json: 'aW1n' }]);
});

test('what was drawn comes as base64, with its tokens', () => {
  const drawn = made(request({}), {
    candidates: [{ content: { parts: [{ text: 'Here:' }, { inlineData: { mimeType: 'image/png', data: 'aW1n' } }] } }],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1_290, totalTokenCount: 1_293 },
  });
  assert.deepEqual(drawn, {
    ...{ created: contextOf().now, data: [{ b64_json: 'aW1n' }] },
    usage: {
      ...{ input_tokens: 3, output_tokens: 1_290, total_tokens: 1_293 },
      input_tokens_details: { text_tokens: 3, image_tokens: 0 },
    },
  });
});

test('a prompt that was not drawn is the client’s to change', () => {
  for (const told of [
    { promptFeedback: { blockReason: 'SAFETY' } },
    { candidates: [{ finishReason: 'IMAGE_SAFETY', content: { parts: [{ text: 'No.' }] } }] },
  ]) {
    const refusal = { field: 'prompt', protocolCode: 'moderation_blocked', message: /SAFETY/ };
    assert.throws(() => made(request({}), told), refusal);
  }
});

test('an answer without an image and without a reason is an empty one', () => {
  for (const told of [{}, 'x', { candidates: [{ finishReason: 'STOP' }] }]) assert.equal(made(request({}), told), null);
});

test('what cannot be had is refused by name', () => {
  const refused: [string, JsonObject][] = [
    ['prompt', { prompt: '' }],
    ['response_format', { response_format: 'url' }],
    ['stream', { stream: true }],
    ['size', { size: 'big' }],
    ['size', { size: '0x1' }],
    ['n', { n: 9 }],
  ];
  for (const [field, body] of refused) assert.throws(() => request(body), { code: 'BAD_REQUEST', field });
});

test.run();
