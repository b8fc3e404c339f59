import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  makesStored,
  mayStore,
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
    ['/v1beta/batches%2Fb1', ['batches/b1']],
    ['/v1beta/batches/batches%2Fb1', ['batches/b1']],
    ['/v1beta/batches/batches/b1', ['batches/b1']],
    ['/v1beta/batches/batches', []],
    ['/v1beta/interactions/v1_abc/cancel', ['interactions/v1_abc']],
    ['/v1beta/agents/mine', ['agents/mine']],
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

test('what makes a thing that lies beside others is told', () => {
  const makes = (target: string, call = '', method = 'POST') => makesStored({ method, target, call });
  for (const target of ['/upload/v1beta/files', '/resumable/upload/v1beta/files?x=1', '/v1beta/files:register'])
    assert.ok(makes(target), target);
  for (const target of ['/v1beta/cachedContents', '/v1beta/interactions', '/v1beta/batches'])
    assert.ok(makes(target), target);
  assert.ok(makes('/v1beta/models/m:batchGenerateContent', 'batchGenerateContent'));
  assert.ok(makes('/v1beta/models/m:asyncBatchEmbedContent', 'asyncBatchEmbedContent'));
  assert.not(makes('/v1beta/models/m:generateContent', 'generateContent'));
  assert.not(makes('/v1beta/files', '', 'GET'));
  assert.not(makes('/v1beta/interactions/v1_a/cancel'));
  assert.not(makes('/upload/v1beta/files?upload_id=x'), 'it goes on with one that was made');
});

test('an answer names what it made, and what it shows beside it', () => {
  const answer =
    '{"name":"batches/1","output":{"responsesFile":"files/batch-2"},"uri":"https://h/v1beta/files/3:download"}';
  assert.equal([...namesInAnswer(answer)], ['batches/1', 'files/batch-2', 'files/3']);
  assert.equal(
    [
      ...namesInAnswer(
        '{"name":"fileSearchStores/s/operations/o","x":"batches%2Fb1","y":"https:\\/\\/h\\/v1beta\\/files\\/4"}',
      ),
    ],
    ['fileSearchStores/s', 'operations/o', 'batches/b1', 'files/4'],
  );
  assert.equal([...namesInAnswer('{"text":"see files/readme, or batches/of it","n":"batches/batches"}')], []);
});

test('an upload is told by its path and id', () => {
  assert.is(uploadOf('/upload/v1beta/files?upload_id=a%2Bb&upload_protocol=resumable'), '/upload/v1beta/files\na+b');
  assert.is(uploadOf('/upload/v1beta/files?x=1&upload_id=a%2Bb'), '/upload/v1beta/files\na+b');
  assert.is(uploadOf('/upload/v1beta/files?uploadType=media'), null);
});

test.run();
