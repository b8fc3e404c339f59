import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countTokensBody, countedTokens } from '../../../../src/proxy/protocols/anthropic/count-tokens.js';
import { translatedMessages } from '../../../../src/proxy/protocols/anthropic/request.js';
import { contextOf } from '../../../support/translation.js';

test('the whole request is counted, tools and all', () => {
  const tools = [{ name: 'f' }];
  const { body } = translatedMessages(
    { model: 'm', messages: [{ role: 'user', content: 'foo' }], tools },
    contextOf(),
    'count',
  );
  assert.equal(countTokensBody(body, 'gemini-3-pro'), {
    generateContentRequest: {
      model: 'models/gemini-3-pro',
      contents: [{ role: 'user', parts: [{ text: 'foo' }] }],
      tools: [{ functionDeclarations: [{ name: 'f' }] }],
    },
  });
});

test('what was counted is told, of both kinds of upstream, and nothing where nothing was', () => {
  assert.equal(countedTokens({ totalTokens: 7 }), { input_tokens: 7 });
  assert.equal(countedTokens({ response: { totalTokens: 7 } }), { input_tokens: 7 });
  for (const answer of [null, {}, { totalTokens: 'x' }]) assert.is(countedTokens(answer), null);
});

test.run();
