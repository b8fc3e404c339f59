import * as assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { test } from 'uvu';
import { callsFunctions, googleError, hasResults, saysText } from '../../support/gemini-server.js';
import { API_KEY } from '../../support/house.js';
import { type TranslatedHouse, withTranslatedHouse } from '../../support/translated-house.js';

const clientOf = ({ url }: TranslatedHouse, options: { apiKey?: string; maxRetries?: number } = {}) =>
  new Anthropic({ apiKey: API_KEY, authToken: null, baseURL: url, maxRetries: 0, ...options });

const QUESTION: Anthropic.MessageParam[] = [{ role: 'user', content: 'Weather in Oslo and Rome?' }];
const ASK = { model: 'claude-sonnet-4-5', max_tokens: 8_000 };
const INPUT = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };
const TWO_CALLS = ['Oslo', 'Rome'].map((city) => ({ name: 'get_weather', args: { city } }));

test('an answer in one piece and one as a stream, with usage', () =>
  withTranslatedHouse(
    () => saysText('Hello there.'),
    async (given) => {
      const { messages } = clientOf(given);
      const whole = await messages.create({ ...ASK, messages: QUESTION });
      const streamed = await messages.stream({ ...ASK, messages: QUESTION }).finalMessage();
      for (const { content, stop_reason, usage, model } of [whole, streamed]) {
        assert.deepEqual(content, [{ type: 'text', text: 'Hello there.' }]);
        assert.deepEqual([stop_reason, model], ['end_turn', 'claude-sonnet-4-5']);
        assert.deepEqual([usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens], [60, 40, 10]);
      }
    },
  ));

test('parallel tools, thoughts, and a second turn with an image and an error among the results', () =>
  withTranslatedHouse(
    (call) => (hasResults(call) ? saysText('Cold.') : callsFunctions(...TWO_CALLS)),
    async (given) => {
      const { messages } = clientOf(given);
      const tools = [{ name: 'get_weather', description: 'weather', input_schema: INPUT }];
      const thinking = { type: 'enabled' as const, budget_tokens: 2_000 };
      for (const isStreamed of [true, false]) {
        const ask = (said: Anthropic.MessageParam[]) =>
          isStreamed
            ? messages.stream({ ...ASK, tools, thinking, messages: said }).finalMessage()
            : messages.create({ ...ASK, tools, thinking, messages: said });
        const first = await ask(QUESTION);
        assert.equal(first.stop_reason, 'tool_use');
        assert.deepEqual(
          first.content.map(({ type }) => type),
          ['thinking', 'tool_use', 'tool_use'],
        );
        const [oslo = '', rome = ''] = first.content.flatMap((block) => (block.type === 'tool_use' ? block.id : []));
        const image = { type: 'base64' as const, media_type: 'image/png' as const, data: 'aW1n' };
        const second = await ask([
          ...QUESTION,
          { role: 'assistant', content: first.content },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: rome, content: [{ type: 'image', source: image }] },
              { type: 'tool_result', tool_use_id: oslo, content: 'no such town', is_error: true },
            ],
          },
        ]);
        assert.deepEqual(second.content, [{ type: 'text', text: 'Cold.' }]);
        const answers = given.gemini.calls.at(-1)?.body.contents.at(-1)?.parts;
        assert.deepEqual(answers?.[0]?.functionResponse?.response, { error: 'no such town' });
        assert.equal(answers[2]?.inlineData?.mimeType, 'image/png');
      }
      assert.deepEqual(given.gemini.refusals, []);
    },
  ));

test('images, a PDF and structured output arrive', () =>
  withTranslatedHouse(
    () => saysText('{"city":"Oslo"}'),
    async (given) => {
      await clientOf(given).messages.create({
        ...ASK,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aW1n' } },
              { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' } },
              { type: 'text', text: 'Which city?' },
            ],
          },
        ],
        output_config: { format: { type: 'json_schema', schema: INPUT } },
      });
      const { contents, generationConfig } = given.gemini.calls[0]?.body ?? assert.fail();
      assert.deepEqual(
        contents[0]?.parts.map(({ inlineData }) => inlineData?.mimeType),
        ['image/png', 'application/pdf', undefined],
      );
      assert.deepEqual(generationConfig?.responseJsonSchema, INPUT);
    },
  ));

test('tokens are counted, and models listed', () =>
  withTranslatedHouse(
    () => ({ status: 200, body: { totalTokens: 7 } }),
    async (given) => {
      const client = clientOf(given);
      const { model } = ASK;
      assert.equal((await client.messages.countTokens({ model, messages: QUESTION })).input_tokens, 7);
      assert.equal(given.gemini.calls[0]?.method, 'countTokens');
      const { data } = await client.models.list();
      assert.ok(data.some(({ id }) => id === 'gemini-3-pro'));
      assert.equal((await client.models.retrieve('gemini-3-pro')).id, 'gemini-3-pro');
    },
  ));

test('errors are the SDK’s own classes', () =>
  withTranslatedHouse(
    () => saysText('x'),
    async (given) => {
      const { messages } = clientOf(given);
      const ask = (more: object = {}) => messages.create({ ...ASK, messages: QUESTION, ...more });
      await assert.rejects(clientOf(given, { apiKey: 'wrong' }).models.list(), Anthropic.AuthenticationError);
      await assert.rejects(ask({ container: 'c1' }), Anthropic.BadRequestError);
      await assert.rejects(ask({ messages: [...QUESTION, { role: 'assistant', content: 'It is' }] }), /prefill/);
      given.gemini.script = () => googleError(404, 'NOT_FOUND', 'models/x is not found for API version v1beta');
      await assert.rejects(ask({ model: 'unheard-of' }), Anthropic.NotFoundError);
      given.gemini.script = () => googleError(503, 'UNAVAILABLE', 'The model is overloaded.');
      await assert.rejects(ask(), { status: 529 });
      given.gemini.script = () =>
        googleError(
          400,
          'INVALID_ARGUMENT',
          'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
        );
      await assert.rejects(ask(), /prompt is too long: 2000000 tokens > 1048576 maximum/);
    },
  ));

test('a stream that breaks off is an error', () =>
  withTranslatedHouse(
    () => [...saysText('Hel').slice(0, 1), { error: { code: 503, status: 'UNAVAILABLE', message: 'overloaded' } }],
    async (given) => {
      await assert.rejects(
        clientOf(given)
          .messages.stream({ ...ASK, messages: QUESTION })
          .done(),
        Anthropic.APIError,
      );
    },
  ));

test('a request that a client gives up ends at Google too', () =>
  withTranslatedHouse(
    ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(null))),
    async (given) => {
      const gone = new AbortController();
      const asked = clientOf(given).messages.create(
        { ...ASK, messages: QUESTION, stream: true },
        { signal: gone.signal },
      );
      const seen = setInterval(() => given.gemini.calls.length > 0 && gone.abort(), 5);
      await assert.rejects(asked, Anthropic.APIUserAbortError).finally(() => clearInterval(seen));
      const [call] = given.gemini.calls;
      if (call?.signal.aborted === false)
        await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
    },
  ));

test('a request that the SDK tries again is served then', () => {
  let asked = 0;
  return withTranslatedHouse(
    () => (++asked === 1 ? googleError(500, 'INTERNAL', 'oops') : saysText('Now.')),
    async (given) => {
      const client = clientOf(given, { maxRetries: 2 });
      const { content } = await client.messages.create({ ...ASK, messages: QUESTION });
      assert.deepEqual(content, [{ type: 'text', text: 'Now.' }]);
      assert.equal(asked, 2);
    },
  );
});

test.run();
