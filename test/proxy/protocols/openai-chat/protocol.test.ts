import * as assert from 'node:assert/strict';
import { test } from 'uvu';
import { openAiChat } from '../../../../src/proxy/protocols/openai-chat/protocol.js';
import { openAiResponses } from '../../../../src/proxy/protocols/openai-responses/protocol.js';
import { contextOf } from '../../../support/translation.js';

/** What a path is for, of whichever protocol of OpenAI has it. */
function routed(method: string, path: string) {
  const chat = openAiChat.route(method, path);
  const responses = openAiResponses.route(method, path);
  assert.ok(chat === null || responses === null, `${path} is of two protocols`);
  const route = chat ?? responses;
  return route?.kind === 'refused' ? route.trouble.status : (route?.kind ?? null);
}

test('paths are served below OpenAI’s root and below the one that Google has for its clients', () => {
  for (const root of ['/v1', '/v1beta/openai']) {
    for (const path of ['/chat/completions', '/completions', '/embeddings', '/images/generations', '/responses']) {
      assert.equal(routed('POST', root + path), 'call', path);
      assert.equal(routed('GET', root + path), 405, path);
    }
  }
});

test('what OpenAI keeps for its clients, and what no Gemini does, is not here', () => {
  const paths = [
    ...['/v1/responses/resp_1', '/v1/responses/resp_1/cancel', '/v1/chat/completions/chatcmpl-1', '/v1/audio/speech'],
    ...['/v1/images/edits', '/v1/moderations', '/v1/fine_tuning/jobs', '/v1beta/openai/files', '/v1beta/openai/x'],
  ];
  for (const path of paths)
    for (const method of ['GET', 'POST', 'DELETE']) assert.equal(routed(method, path), 404, path);
});

test('models below Google’s root are listed, and those of the shared root are nobody’s here', () => {
  assert.deepEqual(openAiChat.route('GET', '/v1beta/openai/models'), { kind: 'models', model: null });
  assert.deepEqual(openAiChat.route('GET', '/v1beta/openai/models/gemini-3-pro'), {
    ...{ kind: 'models', model: 'gemini-3-pro' },
  });
  assert.equal(routed('DELETE', '/v1beta/openai/models/x'), 405);
  const others = [
    '/v1/models',
    '/v1/files',
    '/v1beta/models',
    '/v1/messages',
    '/',
    '/v1beta/openai',
    '/v1',
    '/v12/responses',
  ];
  for (const path of others) assert.equal(routed('GET', path), null, path);
});

test('a streamed request is answered as a stream, another in one piece', () => {
  const route = openAiResponses.route('POST', '/v1/responses');
  assert.ok(route?.kind === 'call');
  const answered = (stream: boolean) =>
    route.translate({ input: 'x', stream, reasoning: { summary: 'auto' } }, contextOf());
  assert.equal(answered(true).answer.kind, 'stream');
  assert.equal(answered(false).answer.kind, 'whole');
  assert.equal(answered(false).call, 'generateContent');
});

test.run();
