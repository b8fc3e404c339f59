/** `models.aliases` and `models.hidden`, for every protocol alike. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, reply, withProxy } from '../../support/proxy.js';
import { anthropicHeaders, errorTypeIn, HELLO, jsonIn, openAiHeaders, says } from '../../support/translated-client.js';

const list = {
  models: [
    { name: 'models/gemini-3-pro', displayName: 'Gemini 3 Pro', outputTokenLimit: 65_536 },
    { name: 'models/gemini-2.5-flash' },
  ],
};
const models = { aliases: { 'claude-*': 'gemini-3-pro', fast: 'gemini-3-pro' }, hidden: ['gemini-2.5-*'] };
const get = { method: 'GET' };

test('one list of models is read by the SDKs of Anthropic and OpenAI, without what is hidden and with the aliases', async () => {
  await withProxy(
    { models },
    (_call, response) => reply(response, 200, list),
    async (proxied) => {
      for (const headers of [anthropicHeaders, openAiHeaders]) {
        const got = jsonIn(await ask(proxied, { ...get, path: '/v1/models?limit=1000', headers }));
        assert.equal([got.object, got.has_more, got.first_id, got.last_id], ['list', false, 'gemini-3-pro', 'fast']);
      }
      assert.is(proxied.upstream.call(0).url, '/v1beta/models?pageSize=1000');
    },
  );
});

test('one model is found by its name, an alias or a pattern, and else is a 404', async () => {
  await withProxy(
    { models },
    (_call, response) => reply(response, 200, list),
    async (proxied) => {
      const one = (name: string) => ask(proxied, { ...get, path: `/v1/models/${name}`, headers: anthropicHeaders });
      for (const name of ['gemini-3-pro', 'fast', 'claude-opus-5']) assert.is(jsonIn(await one(name)).id, name);
      for (const name of ['gemini-2.5-flash', 'gpt-9'])
        assert.equal([(await one(name)).status, errorTypeIn(await one(name))], [404, 'not_found_error']);
      assert.is((await ask(proxied, { path: '/v1/models', headers: openAiHeaders })).status, 405);
    },
  );
});

test('who speaks Google’s protocol gets Google’s list, as the settings have it', async () => {
  await withProxy(
    { models },
    (_call, response) => reply(response, 200, list),
    async (proxied) => {
      for (const path of ['/v1beta/models', '/v1/models', '/v1beta/models?pageSize=5']) {
        assert.equal(jsonIn(await ask(proxied, { ...get, path })).models, [
          list.models[0],
          { name: 'models/fast', displayName: 'fast', outputTokenLimit: 65_536 },
        ]);
      }
    },
  );
});

test('without settings of models Google’s list passes byte for byte', async () => {
  const odd = '{ "models" : [ ] }\n';
  await withProxy(
    {},
    (_call, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-odd': '1' });
      response.end(odd);
    },
    async (proxied) => {
      const got = await ask(proxied, { ...get, path: '/v1beta/models' });
      assert.equal([got.text, got.headers['x-odd']], [odd, '1']);
    },
  );
});

test('Google’s protocol knows the aliases too, and has no model that is hidden', async () => {
  await withProxy(
    { models },
    (call, response) => says(call, response, HELLO),
    async (proxied) => {
      const call = (name: string) => ask(proxied, { path: `/v1beta/models/${name}:generateContent?x=1` });
      assert.is((await call('fast')).status, 200);
      assert.is((await call('models%2Fclaude-x')).status, 200);
      assert.is((await call('gemini-3-flash')).status, 200);
      assert.equal(
        proxied.upstream.calls.map(({ url }) => url),
        [
          '/v1beta/models/gemini-3-pro:generateContent?x=1',
          '/v1beta/models/gemini-3-pro:generateContent?x=1',
          '/v1beta/models/gemini-3-flash:generateContent?x=1',
        ],
      );
      const hidden = await call('gemini-2.5-flash');
      assert.is(hidden.status, 404);
      assert.match(hidden.text, 'models.aliases');
      const [first, , third] = await proxied.recorded(4);
      assert.equal([first?.model, first?.asked, first?.ip], ['gemini-3-pro', 'fast', '127.0.0.1']);
      assert.is(third?.asked, null, 'no alias changed it');
    },
  );
});

test('an alias of Google’s protocol is looked at under its own name', async () => {
  await withProxy(
    { models },
    (_call, response) => reply(response, 200, list.models[0]),
    async (proxied) => {
      assert.is(jsonIn(await ask(proxied, { ...get, path: '/v1beta/models/fast' })).name, 'models/fast');
      assert.is(
        jsonIn(await ask(proxied, { ...get, path: '/v1beta/models/gemini-3-pro' })).name,
        'models/gemini-3-pro',
      );
    },
  );
});

test.run();
