import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { modelInBody } from '../../../src/proxy/subject/body-model.js';
import { subjectOf } from '../../../src/proxy/subject/subject.js';

const about = (path: string, body: unknown = null, method = 'POST') => {
  const kept = body === null ? null : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const { model, group } = subjectOf({ method, path, body: () => kept });
  return `${model} ${group}`;
};

test('a path names its model, decoded, and its method the group', () => {
  for (const [path, subject] of [
    ['/v1beta/models/gemini-3-flash:generateContent', 'gemini-3-flash generate'],
    ['/v1/models/gemini-3-flash:streamGenerateContent', 'gemini-3-flash generate'],
    ['/v1beta/models/gemini-3-flash%3AcountTokens', 'gemini-3-flash count'],
    ['/v1beta/models/gemini%2D3-flash:generateContent', 'gemini-3-flash generate'],
    ['/v1beta/models%2Fgemini-3-flash:generateContent', 'gemini-3-flash generate'],
    ['//v1beta//models/gemini-3-flash:generateContent', 'gemini-3-flash generate'],
    ['/v1beta/models/a%20b:generateContent', 'a b generate'],
    ['/v1beta/models/embed-1:batchEmbedContents', 'embed-1 embed'],
    ['/v1beta/models/embed-1:embedContent', 'embed-1 embed'],
    ['/v1beta/models/embed-1:asyncBatchEmbedContent', 'embed-1 batch'],
    ['/v1beta/models/gemini-3-flash:batchGenerateContent', 'gemini-3-flash batch'],
    ['/v1beta/models/picture-4:predict', 'picture-4 predict'],
    ['/v1beta/models/film-3:predictLongRunning', 'film-3 predict'],
    ['/v1beta/tunedModels/mine-1:generateContent', 'tunedModels/mine-1 generate'],
    ['/v1beta/dynamic/mine-2:generateContent', 'dynamic/mine-2 generate'],
    ['/v1beta1/publishers/google/models/gemini-3-pro:countTokens', 'gemini-3-pro count'],
    [
      '/v1beta1/projects/p-1/locations/global/publishers/google/models/gemini-3-pro:generateContent',
      'gemini-3-pro generate',
    ],
    ['/v1beta/models/gemini-3-flash', 'gemini-3-flash other'],
    ['/v1beta/models', ' other'],
    ['/v1beta/tunedModels/mine-1/operations/op-1', ' other'],
    ['/v1beta/files/abc', ' other'],
    ['/v1beta/models/%E0%A4%A:generateContent', '%E0%A4%A generate'],
    ['', ' other'],
  ] as const) {
    assert.is(about(path), subject, path);
  }
});

test('where the path names no model, the body does, whatever protocol it is', () => {
  const body = { contents: [{ model: 'not-this' }], model: 'models/gemini-3-pro' };
  for (const [path, group] of [
    ['/v1beta/openai/chat/completions', 'generate'],
    ['/v1beta/openai/embeddings', 'embed'],
    ['/v1beta/openai/images/generations', 'predict'],
    ['/v1beta/interactions', 'generate'],
    ['/v1beta/cachedContents', 'other'],
    ['/v1beta/batches', 'batch'],
    ['/v1internal:generateContent', 'generate'],
    ['/v1internal:streamGenerateContent', 'generate'],
    ['/v1/messages', 'generate'],
    ['/v1/messages/count_tokens', 'count'],
    ['/v1/chat/completions', 'generate'],
    ['/v1/responses', 'generate'],
    ['/v1/embeddings', 'embed'],
  ] as const) {
    assert.is(about(path, body), `gemini-3-pro ${group}`, path);
    assert.is(about(path), ` ${group}`, `${path} without a body`);
  }
  assert.is(about('/v1beta/interactions', body, 'GET'), ' other', 'a list of them');
  assert.is(about('/v1beta/files', body), ' other', 'what is stored is not looked at');
  assert.is(about('/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent'), ' generate');
});

test("a body's own model is found, and no other", () => {
  for (const [body, model] of [
    ['{"model":"m"}', 'm'],
    [' \n{ "a" : [1, {"model":"no"}, "]}"] , "model"\t:\r\n"m" }', 'm'],
    ['{"a":"\\"model\\":\\"no\\"","model":"m"}', 'm'],
    ['{"a\\\\":"\\\\","model":"m"}', 'm'],
    ['{"mod\\u0065l":"m"}', 'm'],
    ['{"model":"a\\/b\\u00e9"}', 'a/bé'],
    ['{"model":{"model":"no"}}', ''],
    ['{"model":3}', ''],
    ['{"models":"no"}', ''],
    ['{"x":{"model":"no"}}', ''],
    ['[{"model":"no"}]', ''],
    ['{"a":1 "model":"no"}', ''],
    ['{"model"', ''],
    ['{"model":"cut', ''],
    ['', ''],
    ['{}', ''],
    [`{"model":"${'x'.repeat(600)}"}`, ''],
  ] as const) {
    assert.is(modelInBody(Buffer.from(body)), model, body.slice(0, 60));
  }
});

test('the scan finds what a parser finds, in any JSON', () => {
  const value = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), value),
      fc.option(fc.string({ maxLength: 60 })),
      fc.nat(3),
      (object, model, indent) => {
        const whole = model === null ? object : { ...object, model };
        const named = (whole as { model?: unknown }).model;
        const expected = typeof named === 'string' && Buffer.byteLength(JSON.stringify(named)) <= 512 ? named : '';
        assert.is(modelInBody(Buffer.from(JSON.stringify(whole, null, indent))), expected);
      },
    ),
  );
});

test('a method of the name of what every object has is none that is known', () => {
  for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    assert.is(about(`/v1beta/models/m:${word}`), 'm other');
  }
});

test('of a name without end the beginning counts', () => {
  assert.is(about(`/v1beta/models/${'x'.repeat(15_000)}:generateContent`), `${'x'.repeat(512)} generate`);
});

test('eight megabytes in one string are passed over', () => {
  const body = Buffer.from(JSON.stringify({ contents: [{ data: 'A'.repeat(8_000_000) }], model: 'm' }));
  const started = performance.now();
  assert.is(modelInBody(body), 'm');
  assert.ok(performance.now() - started < 100, 'not byte by byte');
});

test('bytes that are no JSON at all are no fault', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => typeof modelInBody(Buffer.from(bytes)) === 'string'),
  );
});

test.run();
