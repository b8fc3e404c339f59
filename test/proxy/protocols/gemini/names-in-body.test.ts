import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { namesInBody, namesInRequest } from '../../../../src/proxy/protocols/gemini/names-in-body.js';

const GENERATE = '/v1beta/models/m:generateContent';
const named = (body: string, target = GENERATE) => namesInBody(Buffer.from(body), target);

test('a body names stored things by their names and addresses, escaped or not', () => {
  for (const [body, names] of [
    ['{"cachedContent":"cachedContents/abc"}', ['cachedContents/abc']],
    ['{"fileData":{"fileUri":"https://host/v1beta/files/f-1"}}', ['files/f-1']],
    ['{"fileUri":"https:\\/\\/host\\/v1beta\\/files\\/f-1","mimeType":"a"}', ['files/f-1']],
    ['{"fileUri": "http://127.0.0.1:8/pool/v1beta/files/f-1"}', ['files/f-1']],
    ['{"fileUri":"https://h/v1beta/files/f-1:download"}', ['files/f-1']],
    ['{"fileName":"files/f-1"}', ['files/f-1']],
    ['{"fileName":"files%2Ff-1"}', ['files/f-1']],
    ['{"x":"files\\/f-1"}', ['files/f-1']],
    [
      '{"fileSearchStoreNames":["fileSearchStores/a","fileSearchStores/b"]}',
      ['fileSearchStores/a', 'fileSearchStores/b'],
    ],
    ['{"a":"files/a","b":"files/b","c":"files/a"}', ['files/a', 'files/b']],
  ] as const) {
    assert.equal(named(body), names, body);
  }
});

test('what somebody says about files names none, and neither does a file of another server', () => {
  for (const body of [
    '{"text":"files/other, profiles, files"}',
    '{"text":"files/f-1"}',
    '{"text":"a question about files/f-1"}',
    '{"text": "https://host/v1beta/files/f-1"}',
    '{"fileUri":"https://storage.example/bucket/files/report"}',
    '{"fileUri":"gs://bucket/files/report"}',
    '"files',
    '"files/',
    '',
  ]) {
    assert.equal(named(body), [], body);
  }
});

test('in a body about interactions the bare ids are names', () => {
  const body = '{"model":"m","previous_interaction_id":"v1_abc","agent":"mine","input":"previous_interaction_id"}';
  assert.equal(named(body, '/v1beta/interactions'), ['interactions/v1_abc', 'agents/mine']);
  assert.equal(named(body), []);
  assert.equal(named('{"previousInteractionId":"interactions/v1_abc"}', '/v1beta/interactions?x=1'), [
    'interactions/v1_abc',
  ]);
  const within = '{"input":[{"previous_interaction_id":"v1_other"}]}';
  assert.equal(named(within, '/v1beta/interactions'), []);
});

test('path and body together name each thing once, and a call of a model none in its path', () => {
  const request = (target: string, model = '') => ({ method: 'POST', target, headers: [], model, call: '' });
  const body = Buffer.from('{"fileName":"files/f"}');
  assert.equal(namesInRequest(request('/v1beta/fileSearchStores/s:importFile'), body), [
    'fileSearchStores/s',
    'files/f',
  ]);
  assert.equal(namesInRequest(request('/v1beta/files/f'), body), ['files/f']);
  assert.equal(namesInRequest(request(GENERATE, 'm'), null), []);
});

test('a name is found wherever it lies, whatever else is in the body', () => {
  const name = fc.stringMatching(/^[a-z0-9-]{1,40}$/);
  fc.assert(
    fc.property(fc.jsonValue(), name, fc.jsonValue(), fc.boolean(), (before, id, after, byAddress) => {
      const value = byAddress ? `https://generativelanguage.googleapis.com/v1beta/files/${id}` : `files/${id}`;
      const body = JSON.stringify({ before, fileUri: value, after });
      assert.ok(named(body).includes(`files/${id}`));
    }),
  );
});

test('megabytes of nothing but openings are gone through in time that grows with their number', () => {
  const fastest = (body: Buffer): number =>
    Math.min(
      ...[1, 2, 3].map(() => {
        // time of the processor: other work on the machine does not count
        const start = process.cpuUsage();
        namesInBody(body, GENERATE);
        const { user, system } = process.cpuUsage(start);
        return (user + system) / 1_000;
      }),
    );
  for (const opening of [':\\/\\/', '://', '"files/', '"https://', '"fileSearchStores\\/']) {
    const [small = 0, large = 0] = [50_000, 100_000].map((times) => fastest(Buffer.from(opening.repeat(times))));
    assert.ok(large < 6 * small + 50, `${opening}: ${small} ms, ${large} ms`);
  }
});

test('a name is found behind any number of openings', () => {
  for (let lead = 0; lead < 900; lead += 7) {
    const body = `{"x":"${'://'.repeat(300)}${'y'.repeat(lead)}","fileUri":"https://host/v1beta/files/abc"}`;
    assert.equal(named(body), ['files/abc'], `${lead}`);
  }
});

test.run();
