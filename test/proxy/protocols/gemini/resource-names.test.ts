import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  mayStore,
  nameInBody,
  namesInAnswer,
  namesInPath,
  uploadOf,
} from '../../../../src/proxy/protocols/gemini/resource-names.js';

test('a path names stored resources, outermost first', () => {
  for (const [path, names] of [
    ['/v1beta/files/abc-1', ['files/abc-1']],
    ['/v1beta/files/abc:download?alt=media', ['files/abc']],
    ['/download/v1beta/files/abc:download?alt=media', ['files/abc']],
    ['/v1beta/files?pageSize=3', []],
    ['/v1beta/batches/b1:cancel', ['batches/b1']],
    ['/v1beta/models/veo-3/operations/o1', ['operations/o1']],
    ['/v1beta/fileSearchStores/s/operations/o', ['fileSearchStores/s', 'operations/o']],
    ['/v1beta/models/gemini-3-flash:generateContent?x=/files/abc', []],
  ] as const) {
    assert.equal(namesInPath(path), names, path);
  }
});

test('what stores something is told from what does not', () => {
  const stores = (method: string, target: string, call = '') => mayStore({ method, target, call });
  assert.ok(stores('POST', '/upload/v1beta/files?upload_id=x'));
  assert.ok(stores('GET', '/v1beta/cachedContents'));
  assert.ok(stores('POST', '/v1beta/models/veo:predictLongRunning', 'predictLongRunning'));
  assert.ok(stores('POST', '/v1beta/models/m:batchGenerateContent', 'batchGenerateContent'));
  assert.not(stores('POST', '/v1beta/models/m:generateContent', 'generateContent'));
  assert.not(stores('GET', '/v1beta/models'));
});

test('a body names what is known, escaped or not; the rest of it is not looked at', () => {
  const known = new Set(['cachedContents/abc', 'files/f-1']);
  const collections = ['files', 'cachedContents', 'operations'];
  const named = (body: string, of = collections) =>
    nameInBody(Buffer.from(body), { has: (name) => known.has(name), collections: of });
  assert.is(named('{"cachedContent":"cachedContents/abc"}'), 'cachedContents/abc');
  assert.is(named('{"fileData":{"fileUri":"https://host/v1beta/files/f-1"}}'), 'files/f-1');
  assert.is(named('{"fileUri":"https:\\/\\/host\\/v1beta\\/files\\/f-1","mimeType":"a"}'), 'files/f-1');
  assert.is(named('{"text":"files/other, profiles, files","x":"files/f-1"}'), 'files/f-1');
  assert.is(named('{"text":"files/f-12"}'), null);
  assert.is(named('{"text":"a question about files/f-1"}'), null);
  assert.is(named('"files'), null);
  assert.is(named('{"x":"files/f-1"}', ['cachedContents']), null);
});

test('an answer names what it made, and what it shows beside it', () => {
  const answer =
    '{"name":"batches/1","output":{"responsesFile":"files/batch-2"},"uri":"https://h/v1beta/files/3:download"}';
  assert.equal([...namesInAnswer(answer)], ['batches/1', 'files/batch-2', 'files/3']);
});

test('an upload is told by its path and id', () => {
  assert.is(uploadOf('/upload/v1beta/files?upload_id=a%2Bb&upload_protocol=resumable'), '/upload/v1beta/files\na+b');
  assert.is(uploadOf('/upload/v1beta/files?x=1&upload_id=a%2Bb'), '/upload/v1beta/files\na+b');
  assert.is(uploadOf('/upload/v1beta/files?uploadType=media'), null);
});

test('megabytes of nothing but openings are gone through in time that grows with their number', () => {
  const nothing = { has: () => false, collections: ['files', 'cachedContents', 'fileSearchStores'] };
  const fastest = (body: Buffer): number =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const start = performance.now();
        assert.is(nameInBody(body, nothing), null);
        return performance.now() - start;
      }),
    );
  for (const opening of [':\\/\\/', '://', '"files', '"fileSearchStores']) {
    const [small = 0, large = 0] = [50_000, 100_000].map((times) => fastest(Buffer.from(opening.repeat(times))));
    assert.ok(large < 6 * small + 50, `${opening}: ${small} ms, ${large} ms`);
  }
});

test('a name is found wherever it lies behind an opening', () => {
  const known = { has: (name: string) => name === 'files/abc', collections: ['files'] };
  for (let lead = 0; lead < 900; lead += 7) {
    const body = Buffer.from(
      `{"x":"${'://'.repeat(300)}${'y'.repeat(lead)}","fileUri":"https://host/v1beta/files/abc"}`,
    );
    assert.is(nameInBody(body, known), 'files/abc', `${lead}`);
  }
});

test.run();
