/** What the SDKs hear while accounts die or rest: nothing where another can serve, else an error of ours, soon and not retried in vain. */
import * as assert from 'node:assert/strict';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Anthropic from '@anthropic-ai/sdk';
import { generateText } from 'ai';
import OpenAI from 'openai';
import { test } from 'uvu';
import { saysText } from '../../support/gemini-server.js';
import { API_KEY } from '../../support/house.js';
import { type TranslatedHouse, withTranslatedHouse } from '../../support/translated-house.js';

const anna = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0token-of-anna' };
const ben = { id: 'b2', email: 'ben@example.com', refreshToken: '1//0token-of-ben' };
const accounts = [anna, ben];
const messages = [{ role: 'user' as const, content: 'hi' }];
/** As the SDKs come: they try twice more where they think that it helps. */
const openAi = ({ url }: TranslatedHouse) => new OpenAI({ apiKey: API_KEY, baseURL: `${url}/v1` });
const claude = ({ url }: TranslatedHouse) => new Anthropic({ apiKey: API_KEY, authToken: null, baseURL: url });
const askClaude = (given: TranslatedHouse) =>
  claude(given).messages.create({ model: 'claude-opus-5', max_tokens: 99, messages });
const askChat = (given: TranslatedHouse) => openAi(given).chat.completions.create({ model: 'gpt-5', messages });
const askResponses = (given: TranslatedHouse) => openAi(given).responses.create({ model: 'gpt-5', input: 'hi' });
/** As in Cline and opencode, which try five times more. */
const compatible = ({ url }: TranslatedHouse) =>
  createOpenAICompatible({ name: 'regrant', baseURL: `${url}/v1`, apiKey: API_KEY });
const aiAnthropic = ({ url }: TranslatedHouse) => createAnthropic({ baseURL: `${url}/v1`, apiKey: API_KEY });

const limited = (seconds: number) => ({
  status: 429,
  body: {
    error: {
      ...{ code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded' },
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` }],
    },
  },
});
const unauthorized = { status: 401, body: { error: { code: 401, status: 'UNAUTHENTICATED', message: 'no' } } };

test('an account that dies before the first byte is not noticed', () =>
  withTranslatedHouse(
    () => saysText('Hello.'),
    async (given) => {
      const { house, gemini } = given;
      const first = gemini.calls.length;
      await askChat(given);
      const dead = gemini.calls[first]?.authorization;
      house.google.revoke(anna.refreshToken);
      house.google.revoke(ben.refreshToken);
      house.google.grant(ben.refreshToken, { email: ben.email });
      gemini.script = ({ authorization }) => (authorization === dead ? unauthorized : saysText('Hello.'));
      for (let i = 0; i < 3; i++) {
        const [chat, message, response] = await Promise.all([askChat(given), askClaude(given), askResponses(given)]);
        assert.equal(chat.choices[0]?.message.content, 'Hello.');
        assert.deepEqual(message.content, [{ type: 'text', text: 'Hello.' }]);
        assert.equal(response.output_text, 'Hello.');
      }
    },
    { accounts },
  ));

test('with all accounts dead the SDKs hear it within a second, in our words, and try no more', () =>
  withTranslatedHouse(
    () => unauthorized,
    async (given) => {
      const { house, gemini } = given;
      for (const { refreshToken } of accounts) house.google.revoke(refreshToken);
      await askChat(given).catch(() => undefined);
      await house.until(() => accounts.every(({ id }) => house.state(id) === 'disabled'));
      const began = performance.now();
      for (const asked of [askChat(given), askResponses(given), askClaude(given)]) {
        await assert.rejects(asked, (error: unknown) => {
          assert.ok(error instanceof OpenAI.InternalServerError || error instanceof Anthropic.InternalServerError);
          assert.equal(error.status, 503);
          assert.match(error.message, /no account can serve: 2 disabled \(invalid_grant\)/);
          return true;
        });
      }
      assert.ok(performance.now() - began < 3_000);
      const calls = gemini.calls.length;
      for (const model of [compatible(given)('gemini-3-pro'), aiAnthropic(given)('gemini-3-pro')]) {
        const from = performance.now();
        await assert.rejects(
          generateText({ model, prompt: 'hi', maxRetries: 5 }),
          /Failed after 6 attempts.*no account can serve: 2 disabled \(invalid_grant\)/,
        );
        assert.ok(performance.now() - from < 3_000, 'a minute where the AI SDK waits as long as it likes');
      }
      assert.equal(gemini.calls.length, calls);
    },
    { accounts },
  ));

test('a limit of a second is waited for by the SDKs; one of an hour is told, and not waited for', () =>
  withTranslatedHouse(
    () => saysText('Hello.'),
    async (given) => {
      const { gemini } = given;
      let refusals = 2;
      gemini.script = () => (refusals-- > 0 ? limited(1) : saysText('Hello.'));
      assert.equal((await askChat(given)).choices[0]?.message.content, 'Hello.');
      gemini.script = () => limited(3_600);
      await askChat(given).catch(() => undefined);
      const began = performance.now();
      await assert.rejects(askChat(given), OpenAI.RateLimitError);
      await assert.rejects(askClaude(given), Anthropic.RateLimitError);
      assert.ok(performance.now() - began < 3_000);
    },
    { accounts },
  ));

test.run();
