import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { modelCallOf } from '../../../../src/proxy/protocols/gemini/model-call.js';
import { renamed } from '../../../../src/proxy/server/translating/renamed-model.js';

const settings = {
  aliases: { fast: 'gemini-3-flash', mine: 'tunedModels/t1', odd: 'a b' },
  hidden: ['secret'],
};
function targetOf(target: string): string | null {
  const [path = ''] = target.split('?');
  const request = { method: 'POST', target, headers: [], ...modelCallOf(path) };
  return renamed(request, settings)?.target ?? null;
}

test('the model of a path is the one that is meant, and the rest of the path stays', () => {
  assert.is(
    targetOf('/v1beta/models/fast:streamGenerateContent?alt=sse'),
    '/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse',
  );
  assert.is(targetOf('/v1/models/fast%3AgenerateContent'), '/v1/models/gemini-3-flash%3AgenerateContent');
  assert.is(targetOf('/v1beta/models/fast'), '/v1beta/models/gemini-3-flash');
  assert.is(targetOf('/v1beta/models/mine:generateContent'), '/v1beta/tunedModels/t1:generateContent');
  assert.is(targetOf('/v1beta/models/odd:countTokens'), '/v1beta/models/a%20b:countTokens');
});

test('what has no alias passes byte for byte, and what is hidden not at all', () => {
  for (const target of [
    '/v1beta/models/gemini-3-pro:generateContent?k',
    '/v1beta/tunedModels/x:generateContent',
    '/v1beta/models/gemini%2D3:x',
  ])
    assert.is(targetOf(target), target);
  assert.is(targetOf('/v1beta/models/secret:generateContent'), null);
});

test.run();
