import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isShared, sharedBy, sharedRoute } from '../../../../src/proxy/server/translating/shared-paths.js';
import { openAiChat } from '../../../../src/proxy/protocols/openai-chat/protocol.js';
import { anthropic } from '../../../../src/proxy/protocols/anthropic/protocol.js';
import { SpokenProtocol } from '../../../../src/proxy/protocols/translation/spoken.js';

const protocols = {
  gemini: Object.assign(new SpokenProtocol(openAiChat), { name: 'gemini' as never }),
  anthropic: new SpokenProtocol(anthropic),
  openai: new SpokenProtocol(openAiChat),
};
const whose = (path: string, rawHeaders: string[] = [], hasQueryKey = false) =>
  sharedBy({ path, rawHeaders, hasQueryKey }, protocols);

test('the models are Google’s for who shows a key or an SDK of its, else Anthropic’s by its version, else OpenAI’s', () => {
  assert.is(whose('/v1/models', ['X-Goog-Api-Key', 'k']), protocols.gemini);
  assert.is(whose('/v1/models/x', ['x-goog-api-client', 'genai-js']), protocols.gemini);
  assert.is(whose('/v1/models', [], true), protocols.gemini);
  assert.is(whose('/v1/models', ['Anthropic-Version', '2023-06-01']), protocols.anthropic);
  assert.is(whose('/v1/models', ['authorization', 'Bearer k']), protocols.openai);
});

test('nothing of Google’s stands below /api/', () => {
  assert.is(whose('/api/hello', ['x-goog-api-key', 'k']), protocols.openai);
});

test('only what several have is shared', () => {
  for (const path of ['/', '/v1/models', '/v1/models/a/b', '/v1/files', '/v1/files/x', '/api/x'])
    assert.ok(isShared(path), path);
  for (const path of ['/v1/modelsx', '/v1beta/models', '/v1/messages', '/apix', '/v1/models:x'])
    assert.not.ok(isShared(path), path);
});

test('models can be looked at, and nothing else that is shared can be had', () => {
  assert.equal(sharedRoute('GET', '/v1/models'), { kind: 'models', model: null });
  assert.equal(sharedRoute('HEAD', '/v1/models/x%2Fy'), { kind: 'models', model: 'x%2Fy' });
  for (const [method, path] of [
    ['POST', '/v1/models'],
    ['GET', '/v1/files'],
    ['POST', '/api/x'],
  ] as const)
    assert.is(sharedRoute(method, path)?.kind, 'refused', path);
  assert.is(sharedRoute('POST', '/v1/messages'), null);
});

test.run();
