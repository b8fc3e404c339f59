/** Aliases and hidden models in the bodies of the Gemini API, asked for by Google's SDK and by hand. */
import { gzipSync } from 'node:zlib';
import { GoogleGenAI } from '@google/genai';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  API_KEY,
  ask,
  type Proxied,
  type ProxyOptions,
  reply,
  type UpstreamCall,
  withProxy,
} from '../../../support/proxy.js';
import { jsonIn } from '../../../support/translated-client.js';

const models = {
  aliases: { fast: 'gemini-3-flash', 'small-*': 'gemini-embedding-1', mine: 'tunedModels/t1' },
  hidden: ['secret-*'],
};
const turn = { contents: [{ role: 'user', parts: [{ text: 'the model "fast"' }] }] };

/** Every model that a JSON value names, in its order. */
function modelsIn(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return /model/i.test(key) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => modelsIn(one, Array.isArray(value) ? key : name));
}
const asked = ({ body }: UpstreamCall): string[] => (body.length === 0 ? [] : modelsIn(JSON.parse(body.toString())));

/** What Google says: the model that it was asked for, wherever an answer of this kind names it. */
function answerTo({ url, body }: UpstreamCall): object {
  const text = body.toString();
  const [model = /models\/[^:?]+/.exec(url)?.[0]] = text.startsWith('{') ? modelsIn(JSON.parse(text)) : [];
  if (url.includes('cachedContents')) return { name: 'cachedContents/c1', model };
  if (url.includes('atch'))
    return { name: 'batches/b1', metadata: { model, name: 'batches/b1', state: 'BATCH_STATE_PENDING' } };
  if (url.includes('fileSearchStores')) return { name: 'fileSearchStores/s1', embeddingModel: model };
  if (url.includes('interactions')) return { id: 'v1_a', model, status: 'completed', steps: [], outputs: [] };
  if (url.includes('auth_tokens')) return { name: 'auth_tokens/t1' };
  return { embeddings: [{ values: [1] }], totalTokens: 3, model };
}

const withModels = (use: (proxied: Proxied, sdk: GoogleGenAI) => Promise<void>, options: ProxyOptions = {}) =>
  withProxy(
    { models, ...options },
    (call, response) => {
      if (!call.body.includes('"stream":true')) {
        reply(response, 200, answerTo(call));
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const interaction = { id: 'v1_a', model: 'gemini-3-flash', status: 'in_progress' };
      const said = JSON.stringify({ event_type: 'interaction.created', interaction });
      for (const piece of [`event: it's "x\ndata: ${said.slice(0, 40)}`, `${said.slice(40)}\n\n`, 'data: [DONE]\n\n'])
        response.write(piece);
      response.end();
    },
    (proxied) => use(proxied, new GoogleGenAI({ apiKey: API_KEY, httpOptions: { baseUrl: proxied.url } })),
  );

interface Row {
  readonly call: string;
  readonly by: (sdk: GoogleGenAI) => Promise<unknown>;
  /** The models that Google is asked for, in path and body. */
  readonly wanted: readonly string[];
  /** The model as the answer names it to the client; absent: it names none. */
  readonly told?: string;
}

const flash = 'models/gemini-3-flash';
const embedding = 'models/gemini-embedding-1';
const named = (answer: unknown, key: string): string => String((answer as Record<string, unknown>)[key]);

/** Every call of the SDK that names a model in its body. */
const rows: readonly Row[] = [
  {
    call: 'caches.create',
    by: async (sdk) => named(await sdk.caches.create({ model: 'fast', config: turn }), 'model'),
    ...{ wanted: [flash], told: 'models/fast' },
  },
  {
    call: 'batches.create',
    by: async (sdk) =>
      named(await sdk.batches.create({ model: 'fast', src: [{ ...turn, model: 'fast' }, turn] }), 'model'),
    ...{ wanted: [flash, flash], told: 'models/fast' },
  },
  {
    call: 'batches.createEmbeddings',
    by: async (sdk) =>
      named(await sdk.batches.createEmbeddings({ model: 'small-1', src: { inlinedRequests: turn } }), 'model'),
    ...{ wanted: [embedding], told: 'models/small-1' },
  },
  {
    call: 'models.embedContent',
    by: (sdk) => sdk.models.embedContent({ model: 'small-1', contents: ['a', 'b'] }),
    wanted: [embedding, embedding, embedding],
  },
  {
    call: 'interactions.create',
    by: async (sdk) => named(await sdk.interactions.create({ model: 'fast', input: 'hi' }), 'model'),
    ...{ wanted: ['gemini-3-flash'], told: 'fast' },
  },
  {
    call: 'interactions.create, streamed',
    by: async (sdk) => {
      const told: string[] = [];
      for await (const event of await sdk.interactions.create({ model: 'fast', input: 'hi', stream: true }))
        if (event.event_type === 'interaction.created') told.push(named(event.interaction, 'model'));
      return told.join();
    },
    ...{ wanted: ['gemini-3-flash'], told: 'fast' },
  },
  {
    call: 'fileSearchStores.create',
    by: async (sdk) =>
      named(await sdk.fileSearchStores.create({ config: { embeddingModel: 'small-1' } }), 'embeddingModel'),
    ...{ wanted: [embedding], told: 'models/small-1' },
  },
  {
    call: 'authTokens.create',
    by: (sdk) => sdk.authTokens.create({ config: { liveConnectConstraints: { model: 'fast' } } }),
    wanted: [flash],
  },
];

for (const { call, by, wanted, told } of rows) {
  test(`${call} asks for the model that an alias means, and is told the client’s own name`, () =>
    withModels(async (proxied, sdk) => {
      const answer = await by(sdk);
      if (told !== undefined) assert.is(answer, told);
      const [first] = proxied.upstream.calls;
      if (first === undefined) throw new Error('nobody was asked');
      const path = /\/(models\/[^:?]+):/.exec(first.url)?.[1];
      assert.equal([...(path === undefined ? [] : [path]), ...asked(first)], wanted);
      const record = await proxied.firstRecord();
      const bare = wanted[0]?.replace('models/', '') ?? '';
      if (call !== 'fileSearchStores.create' && call !== 'authTokens.create') assert.is(record.model, bare);
      assert.is(record.asked, told?.replace('models/', '') ?? record.asked);
    }));
}

const post = (path: string, body: object | Buffer, headers = {}) => ({
  path,
  body: Buffer.isBuffer(body) ? body : JSON.stringify(body),
  headers: { 'x-goog-api-key': API_KEY, 'content-type': 'application/json', ...headers },
});

/** Bodies as other clients write them: the request, and the models that Google is asked for. */
const bodies: readonly (readonly [string, object, readonly string[]])[] = [
  ['models/fast:countTokens', { generateContentRequest: { model: 'models/fast', ...turn } }, [flash]],
  ['models/fast:countTokens', { generate_content_request: { model: 'fast', ...turn } }, ['gemini-3-flash']],
  ['models/fast:generateContent', { ...turn, model: 'models/fast' }, [flash]],
  ['models/small-2:embedContent', { model: 'models/small-2', content: turn.contents[0] }, [embedding]],
  ['models/small-2:batchEmbedContents', { requests: [{ model: 'models/small-2' }, { model: 'x' }] }, [embedding, 'x']],
  ['models/fast:batchGenerateContent', { batch: { model: 'models/fast', input_config: { file_name: 'f' } } }, [flash]],
  ['cachedContents', { model: 'models/mine', ...turn }, ['tunedModels/t1']],
  ['cachedContents', { ...turn, model: 'models/gemini-3-pro' }, ['models/gemini-3-pro']],
  ['tunedModels', { baseModel: 'models/fast' }, [flash]],
  ['interactions', { agent_config: { model: 'fast' }, agent: 'a', input: 'hi' }, ['gemini-3-flash']],
  [
    'interactions',
    { model: 'fast', input: [{ model: 'fast' }], tools: [{ parameters: { model: 'fast' } }] },
    ['gemini-3-flash', 'fast', 'fast'],
  ],
];

test('a body names models where the API has them, in either spelling, and nowhere else', () =>
  withModels(async (proxied) => {
    for (const [at, [path, body, wanted]] of bodies.entries()) {
      const got = await ask(proxied, post(`/v1beta/${path}`, body));
      assert.is(got.status, 200, path);
      assert.equal(asked(proxied.upstream.call(at)), wanted, path);
    }
  }));

test('a body without an alias goes on byte for byte, a packed one is read', () =>
  withModels(async (proxied) => {
    const odd = Buffer.from('{ "model" : "models\\/gemini-3-pro",\n "ttl":"60s" }');
    const headers = { 'accept-encoding': 'gzip' };
    await ask(proxied, post('/v1beta/cachedContents', odd, headers));
    assert.equal(proxied.upstream.call(0).body, odd);
    const packed = gzipSync(JSON.stringify({ model: 'models/fast' }));
    await ask(proxied, post('/v1beta/cachedContents', packed, { 'content-encoding': 'gzip', ...headers }));
    assert.equal(asked(proxied.upstream.call(1)), [flash]);
    assert.is(proxied.upstream.call(1).headers['content-encoding'], undefined);
    assert.is(proxied.upstream.call(1).headers['accept-encoding'], undefined, 'or names could not be given back');
    const unknown = await ask(proxied, post('/v1beta/cachedContents', packed, { 'content-encoding': 'zstd' }));
    assert.is(unknown.status, 400);
    assert.is(proxied.upstream.calls.length, 2);
  }));

test('a hidden model is not served wherever a body names it, and nobody is asked', () =>
  withModels(async (proxied) => {
    for (const [path, body] of [
      ['cachedContents', { ...turn, model: 'models/secret-1' }],
      ['interactions', { model: 'secret-1', input: 'hi' }],
      ['models/gemini-3-pro:batchEmbedContents', { requests: [{ model: 'models/x' }, { model: 'models/secret-1' }] }],
      ['models/gemini-3-pro:countTokens', { generateContentRequest: { model: 'models/secret-1' } }],
      ['fileSearchStores', { embedding_model: 'models/secret-1' }],
      // Google reads these as well as JSON proper
      ['cachedContents', Buffer.from(`{'model':'models/secret-1'}`)],
      ['interactions', Buffer.from(`{note:'"', model:"secret-1"}`)],
      ['interactions', Buffer.from(String.raw`{"\m\o\d\e\l":"\secret-1"}`)],
    ] as const) {
      const got = await ask(proxied, post(`/v1beta/${path}`, body));
      assert.is(got.status, 404, path);
      assert.match((jsonIn(got).error as { message: string }).message, 'models/secret-1 is not served here');
    }
    const escaped = Buffer.from('{"\\u006dodel":"secret-1"}');
    assert.is((await ask(proxied, post('/v1beta/interactions', escaped))).status, 404);
    assert.is(proxied.upstream.calls.length, 0);
    assert.equal(proxied.faults, []);
  }));

test('a body too large to be kept has its names changed, and is refused, while it passes', () =>
  withModels(
    async (proxied) => {
      const filler = { displayName: 'x'.repeat(300_000) };
      for (const body of [
        { model: 'models/fast', ...filler },
        { ...filler, model: 'models/fast' },
      ]) {
        assert.is((await ask(proxied, post('/v1beta/cachedContents', body))).status, 200);
        const { body: sent } = proxied.upstream.call(-1 + proxied.upstream.calls.length);
        assert.equal(JSON.parse(sent.toString()), { ...body, model: flash });
      }
      const got = await ask(proxied, post('/v1beta/cachedContents', { ...filler, model: 'models/secret-1' }));
      assert.is(got.status, 404);
      assert.is(proxied.upstream.calls.length, 2, 'the third request never became whole');
    },
    { proxy: { replayBytes: 100_000 } },
  ));

test('Code Assist’s own calls get their model from the settings too', () =>
  withModels(
    async (proxied) => {
      await ask(proxied, post('/v1internal:generateContent', { model: 'fast', project: 'p', request: turn }));
      await ask(proxied, post('/v1internal:countTokens', { request: { model: 'models/fast', ...turn } }));
      assert.equal(proxied.upstream.calls.map(asked), [['gemini-3-flash'], [flash]]);
      const got = await ask(proxied, post('/v1internal:streamGenerateContent', { model: 'secret-1', request: turn }));
      assert.is(got.status, 404);
    },
    { kind: 'cloudcode' },
  ));

test.run();
