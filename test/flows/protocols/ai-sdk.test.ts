import * as assert from 'node:assert/strict';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { type LanguageModel, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { test } from 'uvu';
import { callsFunctions, hasResults, saysText } from '../../support/gemini-server.js';
import { API_KEY } from '../../support/house.js';
import { withTranslatedHouse } from '../../support/translated-house.js';

/** The three adapters that opencode and Cline are made of, and the fourth that keeps signatures in a field of its own. */
const adapters: Record<string, (url: string) => LanguageModel> = {
  'openai-compatible': (url) =>
    createOpenAICompatible({ name: 'regrant', baseURL: `${url}/v1`, apiKey: API_KEY })('gemini-3-pro'),
  'openai-compatible named google': (url) =>
    createOpenAICompatible({ name: 'google', baseURL: `${url}/v1`, apiKey: API_KEY })('gemini-3-pro'),
  openai: (url) => createOpenAI({ baseURL: `${url}/v1`, apiKey: API_KEY })('gemini-3-pro'),
  anthropic: (url) => createAnthropic({ baseURL: `${url}/v1`, apiKey: API_KEY })('gemini-3-pro'),
};

const TWO_CALLS = ['Oslo', 'Rome'].map((city) => ({ name: 'get_weather', args: { city } }));

for (const [name, adapter] of Object.entries(adapters)) {
  test(`${name}: parallel tools with a second turn, as a stream and in one piece`, () =>
    withTranslatedHouse(
      (call) => (hasResults(call) ? saysText('Cold and warm.') : callsFunctions(...TWO_CALLS)),
      async ({ url, gemini }) => {
        const asked: string[] = [];
        const get_weather = tool({
          description: 'weather',
          inputSchema: jsonSchema<{ city: string }>({
            ...{ type: 'object', properties: { city: { type: 'string' } } },
            ...{ required: ['city'], additionalProperties: false },
          }),
          execute: ({ city }) => {
            asked.push(city);
            return `weather of ${city}`;
          },
        });
        const request = {
          ...{ model: adapter(url), tools: { get_weather }, stopWhen: stepCountIs(3), maxRetries: 0 },
          prompt: 'Weather in Oslo and Rome?',
        };
        const streamed = streamText({ ...request, onError: ({ error }) => assert.fail(String(error)) });
        assert.equal(await streamed.text, 'Cold and warm.');
        assert.equal((await generateText(request)).text, 'Cold and warm.');
        assert.deepEqual(asked, ['Oslo', 'Rome', 'Oslo', 'Rome']);
        assert.deepEqual(gemini.refusals, []);
        const { contents } = gemini.calls.at(-1)?.body ?? assert.fail();
        assert.ok((contents.at(-2)?.parts[0]?.thoughtSignature?.length ?? 0) > 2_000, 'the signature came back');
      },
    ));
}

test.run();
