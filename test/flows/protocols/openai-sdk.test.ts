import * as assert from 'node:assert/strict';
import OpenAI from 'openai';
import { test } from 'uvu';
import { callsFunctions, googleError, hasResults, saysText } from '../../support/gemini-server.js';
import { API_KEY } from '../../support/house.js';
import { type TranslatedHouse, withTranslatedHouse } from '../../support/translated-house.js';

const clientOf = ({ url }: TranslatedHouse, options: { apiKey?: string; maxRetries?: number } = {}) =>
  new OpenAI({ apiKey: API_KEY, baseURL: `${url}/v1`, maxRetries: 0, ...options });

const QUESTION = [{ role: 'user' as const, content: 'Weather in Oslo and Rome?' }];
const PARAMETERS = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const TOOLS = [
  { type: 'function' as const, function: { name: 'get_weather', description: 'weather', parameters: PARAMETERS } },
];
const TWO_CALLS = ['Oslo', 'Rome'].map((city) => ({ name: 'get_weather', args: { city } }));

/** Two parallel calls, and once their results are there, words. */
const weather = (call: Parameters<typeof hasResults>[0]) =>
  hasResults(call) ? saysText('Cold and warm.') : callsFunctions(...TWO_CALLS);

test('Chat: an answer in one piece and one as a stream, with usage', () =>
  withTranslatedHouse(
    () => saysText('Hello there.'),
    async (given) => {
      const client = clientOf(given);
      const whole = await client.chat.completions.create({ model: 'gpt-5', messages: QUESTION });
      assert.equal(whole.choices[0]?.message.content, 'Hello there.');
      assert.equal(whole.model, 'gpt-5');
      assert.deepEqual(
        [whole.usage?.prompt_tokens, whole.usage?.completion_tokens, whole.usage?.prompt_tokens_details?.cached_tokens],
        [100, 10, 40],
      );
      const stream = client.chat.completions.stream({
        model: 'gpt-5',
        messages: QUESTION,
        stream_options: { include_usage: true },
      });
      assert.equal(await stream.finalContent(), 'Hello there.');
      assert.equal((await stream.totalUsage()).completion_tokens, 10);
      assert.equal(given.gemini.calls[0]?.model, 'gemini-3-pro');
    },
  ));

test('Chat: the SDK runs parallel tools and gives their results, and no signature is lost', () =>
  withTranslatedHouse(weather, async (given) => {
    for (const stream of [true, false]) {
      const asked: unknown[] = [];
      const tools = TOOLS.map((tool) => ({
        ...tool,
        function: {
          ...tool.function,
          parse: (text: string) => JSON.parse(text) as { city: string },
          function: ({ city }: { city: string }) => {
            asked.push(city);
            return Promise.resolve(`weather of ${city}`);
          },
        },
      }));
      const body = { model: 'gpt-5', messages: QUESTION, tools };
      const { completions } = clientOf(given).chat;
      const runner = stream ? completions.runTools({ ...body, stream: true }) : completions.runTools(body);
      assert.equal(await runner.finalContent(), 'Cold and warm.');
      assert.deepEqual(asked, ['Oslo', 'Rome']);
      const { contents } = given.gemini.calls.at(-1)?.body ?? assert.fail();
      assert.ok((contents.at(-2)?.parts[0]?.thoughtSignature?.length ?? 0) > 2_000);
      assert.deepEqual(
        contents.at(-1)?.parts.map(({ functionResponse }) => functionResponse?.response),
        [{ output: 'weather of Oslo' }, { output: 'weather of Rome' }],
      );
    }
    assert.deepEqual(given.gemini.refusals, []);
  }));

test('Chat: images, a PDF, thinking and structured output arrive', () =>
  withTranslatedHouse(
    () => saysText('{"city":"Oslo"}'),
    async (given) => {
      const { choices } = await clientOf(given).chat.completions.parse({
        ...{ model: 'gpt-5', reasoning_effort: 'low' },
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Which city?' },
              { type: 'image_url', image_url: { url: 'data:image/png;base64,aW1n' } },
              { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' } },
            ],
          },
        ],
        response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: PARAMETERS } },
      });
      assert.equal(choices[0]?.message.content, '{"city":"Oslo"}');
      const { contents, generationConfig } = given.gemini.calls[0]?.body ?? assert.fail();
      assert.deepEqual(
        contents[0]?.parts.flatMap(({ inlineData }) => inlineData?.mimeType ?? []),
        ['image/png', 'application/pdf'],
      );
      assert.deepEqual(generationConfig?.responseJsonSchema, PARAMETERS);
      assert.deepEqual(generationConfig.thinkingConfig, { thinkingLevel: 'low', includeThoughts: true });
    },
  ));

test('Responses: words, thoughts and parallel tools with a second turn, as a stream and in one piece', () =>
  withTranslatedHouse(weather, async (given) => {
    const client = clientOf(given);
    const tools = [{ type: 'function' as const, name: 'get_weather', parameters: PARAMETERS, strict: true }];
    const body = { model: 'gpt-5', tools, reasoning: { summary: 'auto' as const } };
    for (const isStreamed of [true, false]) {
      const ask = (input: OpenAI.Responses.ResponseInput) =>
        isStreamed
          ? client.responses.stream({ ...body, input }).finalResponse()
          : client.responses.create({ ...body, input });
      const first = await ask(QUESTION);
      assert.deepEqual(
        first.output.map(({ type }) => type),
        ['reasoning', 'function_call', 'function_call'],
      );
      const outputs = first.output.flatMap((item) =>
        item.type === 'function_call'
          ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: 'ok' }]
          : [],
      );
      const second = await ask([...QUESTION, ...(first.output as OpenAI.Responses.ResponseInput), ...outputs]);
      assert.equal(second.output_text, 'Cold and warm.');
      assert.equal(second.usage?.output_tokens_details.reasoning_tokens, 3);
    }
    assert.deepEqual(given.gemini.refusals, []);
  }));

test('models are listed and found by name, aliases that are no patterns among them', () =>
  withTranslatedHouse(
    () => saysText('x'),
    async (given) => {
      const client = clientOf(given);
      const ids = (await client.models.list()).data.map(({ id }) => id);
      assert.ok(ids.includes('gemini-3-pro') && ids.includes('my-model'), ids.join());
      assert.equal((await client.models.retrieve('gemini-3-pro')).object, 'model');
      await assert.rejects(client.models.retrieve('nothing'), OpenAI.NotFoundError);
    },
    { settings: { models: { aliases: { 'my-model': 'gemini-3-pro' } } } },
  ));

test('embeddings come as numbers, whichever way the SDK asks for them', () =>
  withTranslatedHouse(
    () => ({ status: 200, body: { embeddings: [{ values: [0.5, -0.25] }, { values: [1, 0] }] } }),
    async (given) => {
      const { embeddings } = clientOf(given);
      for (const encoding_format of [undefined, 'float'] as const) {
        const { data } = await embeddings.create({
          model: 'text-embedding-3-small',
          input: ['a', 'b'],
          encoding_format,
        });
        assert.deepEqual(
          data.map(({ embedding }) => embedding),
          [
            [0.5, -0.25],
            [1, 0],
          ],
        );
      }
      assert.equal(given.gemini.calls[0]?.method, 'batchEmbedContents');
    },
  ));

test('images and the older completions', () =>
  withTranslatedHouse(
    ({ model }) =>
      model.endsWith('image')
        ? [
            {
              candidates: [
                { content: { parts: [{ inlineData: { mimeType: 'image/png', data: 'aW1n' } }] }, finishReason: 'STOP' },
              ],
            },
          ]
        : saysText(' a time'),
    async (given) => {
      const client = clientOf(given);
      const images = await client.images.generate({ model: 'gemini-3-pro-image', prompt: 'a fox', size: '1024x1024' });
      assert.equal(images.data?.[0]?.b64_json, 'aW1n');
      const stream = await client.completions.create({ model: 'gpt-5', prompt: 'Once upon', stream: true });
      let text = '';
      for await (const { choices } of stream) text += choices[0]?.text ?? '';
      assert.equal(text, ' a time');
    },
  ));

test('errors are the SDK’s own classes, with param and code', () =>
  withTranslatedHouse(
    () => saysText('x'),
    async (given) => {
      const client = clientOf(given);
      const ask = (model: string, more: object = {}) =>
        client.chat.completions.create({ model, messages: QUESTION, ...more });
      await assert.rejects(clientOf(given, { apiKey: 'wrong' }).models.list(), OpenAI.AuthenticationError);
      await assert.rejects(ask('gpt-5', { n: 9 }), { status: 400, param: 'n', type: 'invalid_request_error' });
      await assert.rejects(client.responses.create({ model: 'gpt-5', input: 'x', previous_response_id: 'resp_1' }), {
        status: 400,
        code: 'previous_response_not_found',
        param: 'previous_response_id',
      });
      await assert.rejects(client.responses.retrieve('resp_1'), OpenAI.NotFoundError);
      given.gemini.script = () => googleError(404, 'NOT_FOUND', 'models/x is not found for API version v1beta');
      await assert.rejects(ask('unheard-of'), { status: 404, code: 'model_not_found' });
      given.gemini.script = () =>
        googleError(
          400,
          'INVALID_ARGUMENT',
          'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
        );
      await assert.rejects(ask('gpt-5'), { status: 400, code: 'context_length_exceeded' });
      given.gemini.script = () => googleError(500, 'INTERNAL', 'oops');
      await assert.rejects(ask('gpt-5', { stream: true }), OpenAI.InternalServerError);
    },
  ));

test('a stream that breaks off is an error, in Chat and in Responses', () =>
  withTranslatedHouse(
    () => [...saysText('Hel').slice(0, 1), { error: { code: 503, status: 'UNAVAILABLE', message: 'overloaded' } }],
    async (given) => {
      const client = clientOf(given);
      const chat = client.chat.completions.stream({ model: 'gpt-5', messages: QUESTION });
      await assert.rejects(chat.done(), OpenAI.APIError);
      const types: string[] = [];
      const stream = await client.responses.create({ model: 'gpt-5', input: 'x', stream: true });
      for await (const { type } of stream) types.push(type);
      assert.equal(types.at(-1), 'response.failed');
    },
  ));

test('an answer with nothing in it is asked for once more', () => {
  let asked = 0;
  return withTranslatedHouse(
    () => (++asked % 2 === 1 ? saysText('', 'MALFORMED_FUNCTION_CALL') : saysText('Now.')),
    async (given) => {
      const { completions } = clientOf(given).chat;
      const whole = await completions.create({ model: 'gpt-5', messages: QUESTION });
      assert.equal(whole.choices[0]?.message.content, 'Now.');
      assert.equal(await completions.stream({ model: 'gpt-5', messages: QUESTION }).finalContent(), 'Now.');
      assert.equal(asked, 4);
    },
  );
});

test('a request that a client gives up ends at Google too', () =>
  withTranslatedHouse(
    ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(null))),
    async (given) => {
      const gone = new AbortController();
      const asked = clientOf(given).chat.completions.create(
        { model: 'gpt-5', messages: QUESTION, stream: true },
        { signal: gone.signal },
      );
      const seen = setInterval(() => given.gemini.calls.length > 0 && gone.abort(), 5);
      await assert.rejects(asked, OpenAI.APIUserAbortError).finally(() => clearInterval(seen));
      const [call] = given.gemini.calls;
      if (call?.signal.aborted === false)
        await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
    },
  ));

test('a request that the SDK tries again is served then', () => {
  let refusals = 1;
  return withTranslatedHouse(
    () => (refusals-- > 0 ? googleError(503, 'UNAVAILABLE', 'overloaded') : saysText('Hello.')),
    async (given) => {
      const client = clientOf(given, { maxRetries: 2 });
      const { choices } = await client.chat.completions.create({ model: 'gpt-5', messages: QUESTION });
      assert.equal(choices[0]?.message.content, 'Hello.');
      assert.equal(given.gemini.calls.length, 2);
    },
  );
});

test('below Google’s own root for OpenAI’s clients it is the same', () =>
  withTranslatedHouse(
    () => saysText('Hello.'),
    async (given) => {
      const client = new OpenAI({ apiKey: API_KEY, baseURL: `${given.url}/v1beta/openai/`, maxRetries: 0 });
      const { choices } = await client.chat.completions.create({ model: 'gemini-3-pro', messages: QUESTION });
      assert.equal(choices[0]?.message.content, 'Hello.');
      assert.ok((await client.models.list()).data.length > 0);
    },
  ));

test.run();
