/** Code Assist behind the proxy: envelopes on the way there, none on the way back. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { API_KEY, ask, reply, withProxy, withRawUpstream, type Proxied } from '../../support/proxy.js';

const kind = 'cloudcode';
const MODEL = '/v1beta/models/gemini-3-flash';
const answer = { candidates: [{ content: { parts: [{ text: 'hi' }] } }], usageMetadata: { totalTokenCount: 7 } };
const sent = (proxied: Proxied, at: number): unknown => JSON.parse(proxied.upstream.call(at).body.toString());

test('a call goes out in the envelope with the client’s own bytes, and its answer comes back without one', async () => {
  const body = '{ "contents" : [ {"parts":[{"text":"ü\\u00fc"}]} ] }';
  await withProxy(
    { kind, accounts: [{ id: 'a1' }] },
    (_call, response) => reply(response, 200, { response: answer, traceId: 't' }),
    async (proxied) => {
      const got = await ask(proxied, { path: `${MODEL}:generateContent?x=1`, body });
      assert.is(got.status, 200);
      assert.equal(JSON.parse(got.text), answer);
      const call = proxied.upstream.call(0);
      assert.is(call.url, '/v1internal:generateContent?x=1');
      const [head, tail] = call.body.toString().split(body);
      assert.is(tail, '}');
      const envelope = JSON.parse(`${head ?? ''}null}`) as Record<string, unknown>;
      assert.equal(Object.keys(envelope), ['project', 'requestId', 'model', 'request']);
      assert.is(envelope.project, 'project-a1');
      assert.is(envelope.model, 'gemini-3-flash');
      assert.is(Number(call.headers['content-length']), call.body.length);
      assert.is(call.headers['accept-encoding'], undefined);
      assert.is((await proxied.firstRecord()).tokens, 7);
    },
  );
});

const counted: readonly (readonly [what: string, body: string, sent: unknown])[] = [
  ['contents', ' { "contents" : [{"parts":[{"text":"ü"}]}] }', { contents: [{ parts: [{ text: 'ü' }] }] }],
  ['nothing', '{ }', {}],
  [
    'a whole request',
    '{ "generateContentRequest" : {"model":"models/gemini-3-flash","contents":[],"tools":[]} }',
    { contents: [], tools: [] },
  ],
];
for (const [what, body, request] of counted) {
  test(`counting ${what} names the model within the request, and neither project nor request id`, async () => {
    for (const replayBytes of [8_388_608, 1]) {
      await withProxy(
        { kind, accounts: [{ id: 'a1' }], proxy: { replayBytes } },
        (_call, response) => reply(response, 200, { totalTokens: 7 }),
        async (proxied) => {
          const got = await ask(proxied, { path: `${MODEL}:countTokens`, body });
          assert.equal(JSON.parse(got.text), { totalTokens: 7 });
          assert.equal(sent(proxied, 0), { request: { model: 'models/gemini-3-flash', ...(request as object) } });
        },
      );
    }
  });
}

test('what counts is no object: it goes on as it is, for Google to say so', async () => {
  await withProxy(
    { kind, accounts: [{ id: 'a1' }] },
    (_call, response) => reply(response, 400, {}),
    async (proxied) => {
      assert.is((await ask(proxied, { path: `${MODEL}:countTokens`, body: '[1]' })).status, 400);
      assert.equal(sent(proxied, 0), { request: [1] });
    },
  );
});

test('events come unwrapped, each as it comes; errors come as they are', async () => {
  await withProxy(
    { kind, accounts: [{ id: 'a1' }] },
    (call, response) => {
      if (call.url.startsWith('/v1internal:countTokens')) {
        reply(response, 400, { error: { code: 400 } });
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"response": {"n":1},"trace');
      setImmediate(() => response.end('Id":"x"}\r\n\r\ndata: {"response": {"n":2}}\r\n\r\n'));
    },
    async (proxied) => {
      const got = await ask(proxied, { path: `${MODEL}:streamGenerateContent?alt=sse` });
      assert.is(got.text, 'data: {"n":1}\r\n\r\ndata: {"n":2}\r\n\r\n');
      assert.is(proxied.upstream.call(0).url, '/v1internal:streamGenerateContent?alt=sse');
      const refused = await ask(proxied, { path: `${MODEL}:countTokens` });
      assert.equal([refused.status, JSON.parse(refused.text)], [400, { error: { code: 400 } }]);
    },
  );
});

test('a body too large to be kept streams within the envelope', async () => {
  const body = Buffer.from(JSON.stringify({ contents: 'x'.repeat(300_000) }));
  await withProxy(
    { kind, accounts: [{ id: 'a1' }], proxy: { replayBytes: 1_000 } },
    (_call, response) => reply(response, 200, { response: {} }),
    async (proxied) => {
      const got = await ask(proxied, { path: `${MODEL}:generateContent`, body });
      assert.is(got.text, '{}');
      const envelope = sent(proxied, 0) as { request: unknown };
      assert.equal(envelope.request, JSON.parse(body.toString()));
    },
  );
});

test('an account without a project gets its own, once, and it is saved', async () => {
  await withProxy(
    { kind, accounts: [{ id: 'a1', token: { project_id: undefined } }] },
    (call, response) => {
      if (call.url === '/v1internal:loadCodeAssist') reply(response, 200, { cloudaicompanionProject: 'made-for-a1' });
      else reply(response, 200, { response: {} });
    },
    async (proxied) => {
      await Promise.all([1, 2].map(() => ask(proxied, { path: `${MODEL}:generateContent` })));
      const urls = proxied.upstream.calls.map(({ url }) => url);
      assert.equal(urls.sort(), [
        '/v1internal:generateContent',
        '/v1internal:generateContent',
        '/v1internal:loadCodeAssist',
      ]);
      assert.is(proxied.pool.get('a1')?.projectId, 'made-for-a1');
    },
  );
});

const homeless = (id: string) => ({ id, token: { project_id: undefined } });

test('accounts without a project that can be found out do not count as asked, and are left alone for a minute', async () => {
  const clock = setClock(Date.now());
  await withProxy(
    { kind, accounts: [...['a1', 'b2', 'c3'].map(homeless), { id: 'd4' }], proxy: { maxTries: 1 }, clock },
    (call, response) => reply(response, 200, call.url === '/v1internal:loadCodeAssist' ? {} : { response: {} }),
    async (proxied) => {
      const path = `${MODEL}:generateContent`;
      assert.is((await ask(proxied, { path })).status, 200);
      const record = await proxied.firstRecord();
      assert.equal([record.account, record.tries], ['d4@example.com', 1]);
      assert.match(record.left.join(), /^a1: no project: .*,c3: no project: /);
      assert.is((await ask(proxied, { path })).status, 200);
      const loads = () => proxied.upstream.calls.filter(({ url }) => url === '/v1internal:loadCodeAssist').length;
      assert.is(loads(), 3);
      const a1 = proxied.pool.get('a1');
      assert.match((a1 && proxied.pool.restOf(a1)?.rest.words) ?? '', /^no project: loadCodeAssist names no project/);
      clock.advance(61_000);
      assert.is((await ask(proxied, { path })).status, 200);
      assert.is(loads(), 6);
    },
  );
});

test('where no account has a project the client hears that all are left alone for now', async () => {
  await withProxy(
    { kind, accounts: ['a1', 'b2'].map(homeless) },
    (_call, response) => reply(response, 403, { error: { code: 403 } }),
    async (proxied) => {
      const got = await ask(proxied, { path: `${MODEL}:generateContent` });
      assert.is(got.status, 429);
      assert.match(got.text, /no account can serve: 2 cooling/);
    },
  );
});

test('a 401 to the question for the project brings one forced refresh, as any 401 does', async () => {
  await withProxy(
    { kind, accounts: [{ ...homeless('a1'), refreshToken: '1//0good-token-aaaa' }] },
    (call, response) => {
      if (call.account === 'a1') reply(response, 401, { error: { code: 401 } });
      else if (call.url === '/v1internal:loadCodeAssist') reply(response, 200, { cloudaicompanionProject: 'p' });
      else reply(response, 200, { response: {} });
    },
    async (proxied) => {
      proxied.google.grant('1//0good-token-aaaa', { email: 'a1@example.com' });
      assert.is((await ask(proxied, { path: `${MODEL}:generateContent` })).status, 200);
      assert.equal(
        proxied.upstream.calls.map(({ url }) => url.replace('/v1internal:', '')),
        ['loadCodeAssist', 'loadCodeAssist', 'generateContent'],
      );
      const record = await proxied.firstRecord();
      assert.equal([record.tries, record.left], [1, []]);
    },
  );
});

test('an answer that says it is packed in no way comes without its envelope too', async () => {
  await withProxy(
    { kind, accounts: [{ id: 'a1' }] },
    (_call, response) => reply(response, 200, { response: answer }, { 'content-encoding': 'identity' }),
    async (proxied) => {
      assert.equal(JSON.parse((await ask(proxied, { path: `${MODEL}:generateContent` })).text), answer);
    },
  );
});

test('a call with an odd name reaches Google as it came, and is no reproach to an account', async () => {
  await withProxy(
    { kind, accounts: [{ id: 'a1' }, { id: 'b2' }] },
    (_call, response) => reply(response, 404, {}),
    async (proxied) => {
      for (const name of ['a%20b', 'a%0D%0Ab', '%E2%82%AC', 'a%2F..%3Fb%23c']) {
        assert.is((await ask(proxied, { path: `${MODEL}:${name}?x=1` })).status, 404);
        assert.is(proxied.upstream.calls.at(-1)?.url, `/v1internal:${name}?x=1`);
      }
      assert.is(proxied.pool.counts().ready, 2);
    },
  );
});

test('the list of models is made from what is available; other paths are unknown', async () => {
  const models = { 'gemini-3-flash': { displayName: 'Flash', maxTokens: 1000 }, claude: {} };
  await withRawUpstream(
    { kind, accounts: [{ id: 'a1' }] },
    (request, response) => {
      request.resume();
      assert.is(request.url, '/v1internal:fetchAvailableModels');
      reply(response, 200, { models });
    },
    async (proxied) => {
      const got = await ask(proxied, { method: 'GET', path: '/v1beta/models' });
      const listed = JSON.parse(got.text) as { models: { name: string; displayName: string }[] };
      assert.equal(
        listed.models.map(({ name, displayName }) => [name, displayName]),
        [
          ['models/gemini-3-flash', 'Flash'],
          ['models/claude', 'claude'],
        ],
      );
      const one = await ask(proxied, { method: 'GET', path: MODEL });
      assert.is((JSON.parse(one.text) as { name: string }).name, 'models/gemini-3-flash');
      const unknown = await ask(proxied, { method: 'GET', path: '/v1beta/models/none-such' });
      assert.is(unknown.status, 404);
      assert.is((JSON.parse(unknown.text) as { error: { status: string } }).error.status, 'NOT_FOUND');
      assert.is((await ask(proxied, { method: 'GET', path: '/v1beta/files' })).status, 404);
    },
  );
});

const called = (use: (proxied: Proxied) => Promise<void>, replayBytes = 8_388_608) =>
  withProxy(
    { kind, accounts: [{ id: 'a1' }], proxy: { replayBytes } },
    (_call, response) => reply(response, 200, { response: answer }),
    use,
  );

test('a packed body is unpacked before it is wrapped, and one that is not packed as it says is 400', async () => {
  const body = '{"contents":[{"parts":[{"text":"packed"}]}]}';
  const packers: Record<string, (bytes: string) => Buffer> = {
    gzip: gzipSync,
    'X-GZIP': gzipSync,
    deflate: deflateSync,
    br: brotliCompressSync,
  };
  await called(async (proxied) => {
    for (const [encoding, pack] of Object.entries(packers)) {
      const headers = { 'x-goog-api-key': API_KEY, 'content-encoding': encoding };
      assert.is((await ask(proxied, { path: `${MODEL}:generateContent`, headers, body: pack(body) })).status, 200);
      const { request } = JSON.parse(proxied.upstream.calls.at(-1)?.body.toString() ?? '') as { request: unknown };
      assert.equal(request, JSON.parse(body), encoding);
      assert.is(proxied.upstream.calls.at(-1)?.headers['content-encoding'], undefined);
    }
    const headers = { 'x-goog-api-key': API_KEY, 'content-encoding': 'gzip' };
    const broken = await ask(proxied, { path: `${MODEL}:generateContent`, headers, body });
    assert.equal([broken.status, proxied.upstream.calls.length], [400, 4]);
    assert.match(broken.text, 'Content-Encoding');
    for (const unknown of ['zstd', 'gzip, br']) {
      const got = await ask(proxied, {
        path: `${MODEL}:generateContent`,
        headers: { ...headers, 'content-encoding': unknown },
        body,
      });
      assert.equal([got.status, proxied.upstream.calls.length], [400, 4], unknown);
      assert.match(got.text, unknown);
    }
    assert.equal(proxied.faults, []);
  });
});

test('a packed body is held to the size that it has unpacked', async () => {
  const headers = { 'x-goog-api-key': API_KEY, 'content-encoding': 'gzip' };
  await withProxy(
    { kind, accounts: [{ id: 'a1' }], proxy: { maxRequestBytes: 100_000 } },
    (_call, response) => reply(response, 200, { response: answer }),
    async (proxied) => {
      const bomb = gzipSync(`{"contents":["${'x'.repeat(10_000_000)}"]}`);
      assert.is((await ask(proxied, { path: `${MODEL}:generateContent`, headers, body: bomb })).status, 413);
      assert.is(proxied.upstream.calls.length, 0);
    },
  );
});

const escapes = [
  '{"contents":[]},"project":"of-another","request":{"contents":[]}',
  '{"contents":[]},"model":"another"',
  '{}} , {"a":{"b":1}',
  '1,"project":"p"',
  '"a","project":"p"',
  '[],"project":"p"',
  '{"a":"\\\\"},"project":"p"',
];
for (const body of escapes) {
  test(`a body does not end its own envelope: ${body}`, async () => {
    for (const replayBytes of [8_388_608, 1]) {
      await called(async (proxied) => {
        const got = await ask(proxied, { path: `${MODEL}:generateContent`, body });
        assert.ok(replayBytes === 1 ? got.status >= 400 : got.status === 400, String(got.status));
        assert.is(proxied.upstream.calls.length, 0);
        assert.equal(proxied.faults, []);
      }, replayBytes);
    }
  });
}

test('what is counted as a whole request names nothing beside it', async () => {
  await called(async (proxied) => {
    const body = '{"generateContentRequest":{"contents":[]},"project":"of-another"}';
    await ask(proxied, { path: `${MODEL}:countTokens`, body });
    assert.equal(Object.keys(sent(proxied, 0) as object), ['request']);
  });
});

test("on Code Assist's own paths the client's project is the account's, wherever the body names one", async () => {
  const bodies = [
    [
      '{"project":"of-another","model":"m","request":{"project":"stays"}}',
      { project: 'project-a1', model: 'm', request: { project: 'stays' } },
    ],
    ['{"model":"m", "\\u0070roject" : "x","project":"y"}', { model: 'm', project: 'project-a1' }],
    ['{"project":{"id":"x"},"a":1}', { project: 'project-a1', a: 1 }],
    ['{"metadata":{"project":"stays"}}', { metadata: { project: 'stays' } }],
  ] as const;
  for (const replayBytes of [8_388_608, 1]) {
    await called(async (proxied) => {
      for (const [at, [body, expected]] of bodies.entries()) {
        await ask(proxied, { path: '/v1internal:generateContent', body });
        assert.equal(sent(proxied, at), expected);
      }
      const headers = { 'x-goog-api-key': API_KEY, 'content-encoding': 'gzip' };
      await ask(proxied, { path: '/v1internal:generateContent', headers, body: gzipSync(bodies[0][0]) });
      assert.equal(sent(proxied, bodies.length), bodies[0][1], 'packed');
      const models = (await proxied.recorded(5)).map((record) => record.model);
      if (replayBytes > 1) assert.equal(models, ['m', 'm', null, null, 'm']);
    }, replayBytes);
  }
});

test.run();
