/** Requests of the translated protocols on their way through the proxy. */
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { readMessageStream } from '../../support/messages-grammar.js';
import { ask, googleFailure, reply, standsStill, withProxy } from '../../support/proxy.js';
import {
  anthropicHeaders,
  answerOf,
  chat,
  EMPTY,
  errorTextIn,
  errorTypeIn,
  HELLO,
  jsonIn,
  line,
  message,
  openAiHeaders,
  says,
} from '../../support/translated-client.js';

const two = [{ id: 'a1' }, { id: 'b2' }];
const noHold = { pool: { waitSeconds: 0 } };
const aliases = { models: { aliases: { 'claude-*': 'gemini-3-pro' } } };

test('a message is said to Gemini under the model that its name means, and answered under the name that was asked', async () => {
  await withProxy(
    { ...aliases },
    (call, response) => says(call, response, HELLO),
    async (proxied) => {
      const got = await message(proxied, { model: 'claude-opus-5' });
      assert.is(got.status, 200);
      const { model, content, usage } = jsonIn(got);
      assert.equal([model, content], ['claude-opus-5', [{ type: 'text', text: 'hello' }]]);
      assert.is((usage as { input_tokens: number }).input_tokens, 10);
      const call = proxied.upstream.call(0);
      assert.is(call.url, '/v1beta/models/gemini-3-pro:generateContent');
      assert.equal(JSON.parse(call.body.toString()), {
        contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
        generationConfig: { maxOutputTokens: 99 },
      });
      const record = await proxied.firstRecord();
      assert.equal([record.model, record.tokens, record.account], ['gemini-3-pro', 12, 'a1@example.com']);
    },
  );
});

test('a stream is the stream of the protocol, and is not to be gathered on its way', async () => {
  await withProxy(
    {},
    (call, response) => says(call, response, answerOf([{ text: 'hel' }]), HELLO),
    async (proxied) => {
      const got = await message(proxied, { stream: true });
      assert.match(got.headers['content-type'] ?? '', 'text/event-stream');
      assert.is(got.headers['x-accel-buffering'], 'no');
      assert.ok(got.headers['request-id']);
      assert.is(readMessageStream(got.text).blocks[0]?.text, 'helhello');
      assert.is(proxied.upstream.call(0).url, '/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse');
      assert.ok((await proxied.firstRecord()).stream);
    },
  );
});

test('an error within a stream is in its record, as where it passes untranslated', async () => {
  const failing = { error: { code: 503, message: 'overloaded', status: 'UNAVAILABLE' } };
  await withProxy(
    {},
    (call, response) => says(call, response, answerOf([{ text: 'hel' }], ''), failing),
    async (proxied) => {
      await message(proxied, { stream: true });
      await chat(proxied, { stream: true });
      const records = await proxied.recorded(2);
      assert.equal(
        records.map(({ status, streamError }) => [status, streamError]),
        [
          [200, 503],
          [200, 503],
        ],
      );
    },
  );
});

test('so is a refusal that comes after pings, when it can only be an event', async () => {
  const clock = setClock();
  const waits = ['20s', '60s'];
  await withProxy(
    { clock, pool: { waitSeconds: 30 } },
    (_call, response) =>
      reply(response, 429, { error: { code: 429, message: `Please retry in ${waits.shift() ?? ''}` } }),
    async (proxied) => {
      const asked = message(proxied, { stream: true });
      await standsStill(() => proxied.server.holds.size);
      clock.advance(15_000);
      clock.advance(5_100);
      const got = await asked;
      assert.is(got.status, 200);
      assert.match(got.text, /^event: ping[^]*event: error[^]*rate_limit_error/);
      const { status, streamError } = await proxied.firstRecord();
      assert.equal([status, streamError], [200, 429]);
    },
  );
});

test('Chat Completions and Responses are served, below Google’s root for them too', async () => {
  await withProxy(
    {},
    (call, response) => says(call, response, HELLO),
    async (proxied) => {
      for (const path of ['/v1/chat/completions', '/v1beta/openai/chat/completions']) {
        const [choice] = jsonIn(await chat(proxied, {}, { path })).choices as { message: { content: string } }[];
        assert.is(choice?.message.content, 'hello', path);
      }
      const body = JSON.stringify({ model: 'gemini-3-pro', input: 'hi' });
      const got = await ask(proxied, { path: '/v1/responses', headers: openAiHeaders, body });
      assert.equal([got.status, jsonIn(got).status], [200, 'completed']);
    },
  );
});

test('Code Assist is asked in its own envelope, and its answer taken out of one', async () => {
  const wrapped = (event: object) => ({ response: event, traceId: 't' });
  await withProxy(
    { kind: 'cloudcode', accounts: [{ id: 'a1' }] },
    (_call, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(line(wrapped(HELLO)));
    },
    async (proxied) => {
      const got = await message(proxied, { stream: true });
      assert.is(readMessageStream(got.text).blocks[0]?.text, 'hello');
      const { url, body } = proxied.upstream.call(0);
      assert.is(url, '/v1internal:streamGenerateContent?alt=sse');
      const { model, project, request } = JSON.parse(body.toString()) as Record<string, unknown>;
      assert.equal(
        [model, project, Object.keys(request ?? {})],
        ['gemini-3-pro', 'project-a1', ['contents', 'generationConfig']],
      );
    },
  );
});

test('nothing that says who the client is goes to Google', async () => {
  const own = {
    ...{ 'anthropic-beta': 'x', 'x-stainless-lang': 'js', 'x-claude-code-session-id': 's', 'openai-organization': 'o' },
    ...{ originator: 'codex', 'session-id': 's', 'accept-encoding': 'gzip', 'x-goog-user-project': 'p' },
  };
  await withProxy(
    {},
    (call, response) => says(call, response, HELLO),
    async (proxied) => {
      await message(proxied, {}, { headers: { ...anthropicHeaders, ...own } });
      const { headers } = proxied.upstream.call(0);
      const known = new Set([
        'host',
        'connection',
        'authorization',
        'content-type',
        'content-length',
        'x-goog-user-project',
      ]);
      assert.equal(
        Object.keys(headers).filter((name) => !known.has(name)),
        [],
      );
      assert.is(headers['x-goog-user-project'], 'project-a1');
    },
  );
});

test('what is wrong with a request is said in the shape of its protocol, and nobody is asked', async () => {
  await withProxy(
    {},
    (call, response) => says(call, response, HELLO),
    async (proxied) => {
      const bad = await message(proxied, { max_tokens: 0 });
      assert.equal([bad.status, errorTypeIn(bad)], [400, 'invalid_request_error']);
      assert.match(errorTextIn(bad), 'max_tokens');
      const cases: readonly [number, object][] = [
        [400, { body: 'not json' }],
        [400, { body: '[]' }],
        [400, { body: '{"messages":[]}' }],
        [400, { body: `{"model":"gemini-3-pro","messages":${'['.repeat(20_000)}${']'.repeat(20_000)}}` }],
        [405, { method: 'PUT' }],
        [404, { path: '/v1/messages/batches' }],
        [404, { path: '/v1/files' }],
        [404, { path: '/api/event_logging/batch' }],
      ];
      for (const [status, asked] of cases) {
        const got = await message(proxied, {}, asked);
        assert.equal([got.status, jsonIn(got).type], [status, 'error'], JSON.stringify(asked).slice(0, 60));
      }
      const chatError = jsonIn(await chat(proxied, { n: 9 })).error as Record<string, unknown>;
      assert.equal([chatError.type, chatError.param], ['invalid_request_error', 'n']);
      const odd = await ask(proxied, { path: '/v1/files', headers: openAiHeaders });
      assert.ok('param' in (jsonIn(odd).error as object));
      assert.is(proxied.upstream.calls.length, 0);
      assert.equal(proxied.faults, []);
    },
  );
});

test('a wrong key is told in the shape of the protocol', async () => {
  await withProxy(
    { proxy: { authMode: 'strict' } },
    (call, response) => says(call, response, HELLO),
    async (proxied) => {
      const wrong = await message(proxied, {}, { headers: { ...anthropicHeaders, 'x-api-key': 'sk-wrong' } });
      assert.equal([wrong.status, errorTypeIn(wrong)], [401, 'authentication_error']);
      const openAi = await chat(proxied, {}, { headers: { ...openAiHeaders, authorization: 'Bearer sk-wrong' } });
      assert.is((jsonIn(openAi).error as Record<string, unknown>).code, 'invalid_api_key');
      const both = { ...anthropicHeaders, authorization: 'Bearer of-somebody-else' };
      assert.is((await message(proxied, {}, { headers: both })).status, 200);
    },
  );
});

test('a model that nobody has is a 404 that names the aliases, and so is a hidden one', async () => {
  await withProxy(
    { models: { hidden: ['gemini-2.5-*'] } },
    (_call, response) => reply(response, 404, googleFailure(404, 'NOT_FOUND')),
    async (proxied) => {
      for (const model of ['gpt-9', 'gemini-2.5-pro', 'models/gemini-2.5-pro']) {
        const got = await message(proxied, { model });
        assert.equal([got.status, errorTypeIn(got)], [404, 'not_found_error']);
        assert.match(errorTextIn(got), /models\.aliases/);
      }
      assert.is(
        (jsonIn(await chat(proxied, { model: 'gpt-9' })).error as Record<string, unknown>).code,
        'model_not_found',
      );
      assert.is(new Set(proxied.upstream.calls.map(({ url }) => url)).size, 1);
    },
  );
});

const troubles: readonly (readonly [string, number, object, Record<string, string>, number, string])[] = [
  ['a quota', 429, googleFailure(429, 'RESOURCE_EXHAUSTED'), { 'retry-after': '30' }, 429, 'rate_limit_error'],
  ['no capacity', 429, googleFailure(429, 'X', [{ reason: 'MODEL_CAPACITY_EXHAUSTED' }]), {}, 529, 'overloaded_error'],
  ['a 503', 503, googleFailure(503, 'UNAVAILABLE'), {}, 529, 'overloaded_error'],
  ['a 500', 500, googleFailure(500, 'INTERNAL'), {}, 500, 'api_error'],
  ['an unknown 403', 403, googleFailure(403, 'PERMISSION_DENIED'), {}, 403, 'permission_error'],
  ['a 403 of the account', 403, googleFailure(403, 'X', [{ reason: 'SUBSCRIPTION_REQUIRED' }]), {}, 503, 'api_error'],
];
for (const [what, status, body, headers, wanted, type] of troubles) {
  test(`${what} of all accounts is a ${wanted} ${type} in the Messages API`, async () => {
    await withProxy(
      { ...noHold },
      (_call, response) => reply(response, status, body, headers),
      async (proxied) => {
        const got = await message(proxied);
        assert.equal([got.status, errorTypeIn(got)], [wanted, type]);
        if (status === 429 && wanted === 429) assert.is(got.headers['retry-after'], '30');
      },
    );
  });
}

test('a refusal without measure is told in few words', async () => {
  const huge = { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'x'.repeat(3_000_000) } };
  await withProxy(
    { ...noHold },
    (_call, response) => reply(response, 400, huge),
    async (proxied) => {
      for (const stream of [false, true]) {
        const got = await message(proxied, { stream });
        assert.is(got.status, 400);
        assert.ok(got.body.length < 1_100_000, `${got.body.length}`);
      }
    },
  );
});

test('fields that nobody knows are told each once, and not without end', async () => {
  await withProxy(
    {},
    (call, response) => says(call, response, HELLO),
    async (proxied) => {
      const fields = Object.fromEntries(Array.from({ length: 1_500 }, (_, at) => [`x_${at}`, at]));
      for (let round = 0; round < 2; round++) assert.is((await chat(proxied, fields)).status, 200);
      assert.equal([proxied.unknownFields.length, proxied.unknownFields[0]], [1_000, 'x_0']);
    },
  );
});

test('when nobody can serve a client is told when to come back, or that it is of no use', async () => {
  await withProxy(
    { ...noHold },
    (_call, response) => reply(response, 429, googleFailure(429, 'RESOURCE_EXHAUSTED'), { 'retry-after': '3600' }),
    async (proxied) => {
      await message(proxied);
      const got = await message(proxied);
      assert.is(got.status, 429);
      assert.ok(Number(got.headers['retry-after']) > 3_500);
      assert.is(got.headers['x-should-retry'], 'false');
    },
  );
  await withProxy(
    { accounts: [{ id: 'a1', disabled: true }] },
    () => undefined,
    async (proxied) => {
      const started = Date.now();
      const got = await message(proxied, { stream: true });
      assert.equal([got.status, errorTypeIn(got), got.headers['x-should-retry']], [503, 'api_error', 'false']);
      assert.ok(Date.now() - started < 1_000);
    },
  );
});

test('an empty answer is asked for once more, of another account where there is one, then it is an error', async () => {
  for (const stream of [true, false]) {
    await withProxy(
      { accounts: two },
      (call, response) => says(call, response, call.account === 'a1' ? EMPTY : HELLO),
      async (proxied) => {
        assert.is((await message(proxied, { stream })).status, 200);
        assert.equal(
          proxied.upstream.calls.map(({ account }) => account),
          ['a1', 'b2'],
        );
        assert.match((await proxied.firstRecord()).left[0] ?? '', /empty/);
      },
    );
    let calls = 0;
    await withProxy(
      {},
      (call, response) => says(call, response, ++calls === 1 ? EMPTY : HELLO),
      async (proxied) => {
        assert.is((await message(proxied, { stream })).status, 200);
        assert.is(proxied.upstream.calls.length, 2);
      },
    );
    const malformed = answerOf([], 'MALFORMED_FUNCTION_CALL');
    await withProxy(
      { proxy: { maxTries: 1 } },
      (call, response) => says(call, response, malformed),
      async (proxied) => {
        const got = await message(proxied, { stream });
        assert.equal([got.status, errorTypeIn(got)], [502, 'api_error']);
        assert.match(errorTextIn(got), 'MALFORMED_FUNCTION_CALL');
        assert.is(proxied.upstream.calls.length, 2);
      },
    );
  }
});

test('a stream that comes packed though nobody asked for that is read all the same', async () => {
  const events = `data: ${JSON.stringify(HELLO)}\r\n\r\n`;
  for (const [body, status] of [
    [gzipSync(events), 200],
    [Buffer.from(events), 502],
  ] as const) {
    await withProxy(
      {},
      (_call, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
        response.end(body);
      },
      async (proxied) => assert.is((await message(proxied, { stream: true })).status, status),
    );
  }
});

test('nothing but thoughts is an answer', async () => {
  await withProxy(
    {},
    (call, response) => says(call, response, answerOf([{ text: 'hm', thought: true }])),
    async (proxied) => {
      const got = await message(proxied, { stream: true });
      assert.is(readMessageStream(got.text).stopReason, 'end_turn');
      assert.is(proxied.upstream.calls.length, 1);
    },
  );
});

test('a stream that begins with an error, or breaks before anything is visible, is another account’s', async () => {
  const beginnings = [
    line({ error: { code: 503, message: 'x', status: 'UNAVAILABLE' } }),
    line(answerOf([], '')),
    'data: <html>\n\n',
  ];
  for (const beginning of beginnings) {
    await withProxy(
      { accounts: two },
      (call, response) => {
        if (call.account !== 'a1') {
          says(call, response, HELLO);
          return;
        }
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(beginning);
        setTimeout(() => response.destroy(), 20);
      },
      async (proxied) => {
        const got = await message(proxied, { stream: true });
        assert.is(readMessageStream(got.text).blocks[0]?.text, 'hello', beginning);
      },
    );
  }
});

test('a stream that breaks later ends with an error event, and without [DONE]', async () => {
  await withProxy(
    { accounts: two },
    (_call, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(line({ candidates: [{ content: { parts: [{ text: 'hel' }] } }] }));
      setTimeout(() => response.destroy(), 20);
    },
    async (proxied) => {
      const read = readMessageStream((await message(proxied, { stream: true })).text);
      assert.equal([read.blocks[0]?.text, read.error?.type], ['hel', 'api_error']);
      const { text } = await chat(proxied, { stream: true });
      assert.match(text, 'data: {"error":');
      assert.not.match(text, '[DONE]');
      assert.equal(proxied.upstream.calls.length, 2);
    },
  );
});

test('an error in the middle of a stream is its last event', async () => {
  const hel = { candidates: [{ content: { parts: [{ text: 'hel' }] } }] };
  const error = { error: { code: 429, message: 'Resource has been exhausted', status: 'RESOURCE_EXHAUSTED' } };
  await withProxy(
    {},
    (call, response) => says(call, response, hel, error, hel),
    async (proxied) => {
      const read = readMessageStream((await message(proxied, { stream: true })).text);
      assert.equal([read.blocks[0]?.text, read.error?.type], ['hel', 'rate_limit_error']);
    },
  );
});

test('counts are asked for four at a time, and where that fails clients hear that there is none', async () => {
  const path = '/v1/messages/count_tokens';
  let most = 0;
  let now = 0;
  await withProxy(
    {},
    (_call, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        reply(response, 200, { totalTokens: 7 });
      }, 30);
    },
    async (proxied) => {
      const all = await Promise.all(Array.from({ length: 25 }, () => message(proxied, {}, { path })));
      assert.equal(
        all.map((got) => jsonIn(got).input_tokens),
        Array.from({ length: 25 }, () => 7),
      );
      assert.is(most, 4);
      assert.match(proxied.upstream.call(0).url, ':countTokens');
    },
  );
  await withProxy(
    { ...noHold },
    (_call, response) => reply(response, 500, googleFailure(500, 'INTERNAL')),
    async (proxied) => {
      const got = await message(proxied, {}, { path });
      assert.equal([got.status, errorTypeIn(got)], [404, 'not_found_error']);
      assert.is((await message(proxied, { model: 1 }, { path })).status, 400);
    },
  );
});

test('requests of one conversation go to one account, as the client tells them apart', async () => {
  await withProxy(
    { accounts: two, pool: { stickySeconds: 60 } },
    (call, response) => says(call, response, HELLO),
    async (proxied) => {
      const inSession = (id: string) =>
        message(proxied, {}, { headers: { ...anthropicHeaders, 'x-claude-code-session-id': id } });
      for (const id of ['one', 'two', 'one', 'two']) await inSession(id);
      const [first, second, third, fourth] = proxied.upstream.calls.map(({ account }) => account);
      assert.equal([third, fourth], [first, second]);
      assert.is.not(first, second);
    },
  );
});

test('a packed body is unpacked, one over the limit refused, and one that is not kept for replay served', async () => {
  await withProxy(
    { proxy: { maxRequestBytes: 200_000, replayBytes: 1_000 } },
    (call, response) => says(call, response, HELLO),
    async (proxied) => {
      const big = JSON.stringify({
        model: 'gemini-3-pro',
        max_tokens: 9,
        messages: [{ role: 'user', content: 'x'.repeat(100_000) }],
      });
      const packed = { ...anthropicHeaders, 'content-encoding': 'gzip' };
      assert.is((await message(proxied, {}, { body: big })).status, 200);
      assert.is((await message(proxied, {}, { body: gzipSync(big), headers: packed })).status, 200);
      const bomb = gzipSync(JSON.stringify({ model: 'x'.repeat(1_000_000) }));
      for (const [body, headers] of [
        [bomb, packed],
        [`"${'x'.repeat(300_000)}"`, anthropicHeaders],
      ] as const) {
        const got = await message(proxied, {}, { body, headers });
        assert.equal([got.status, errorTypeIn(got)], [413, 'request_too_large']);
      }
      const zstd = { ...anthropicHeaders, 'content-encoding': 'zstd' };
      const unknown = await message(proxied, {}, { body: 'x', headers: zstd });
      assert.equal([unknown.status, errorTypeIn(unknown)], [400, 'invalid_request_error']);
      assert.match(unknown.text, /content-encoding/);
      const odd = await message(proxied, {}, { body: 'x', headers: packed });
      assert.is(odd.status, 400);
    },
  );
});

test('a protocol that is switched off is a 404 that names the setting', async () => {
  await withProxy(
    { protocols: { enabled: ['openai'] } },
    (call, response) => says(call, response, HELLO),
    async (proxied) => {
      const got = await message(proxied);
      assert.equal([got.status, errorTypeIn(got)], [404, 'not_found_error']);
      assert.match(errorTextIn(got), 'protocols.enabled');
      assert.is((await ask(proxied)).status, 404);
      assert.is((await chat(proxied)).status, 200);
      assert.is((await ask(proxied, { method: 'GET', path: '/healthz' })).status, 200);
    },
  );
});

test('a client that leaves while its answer is looked at keeps nobody busy', async () => {
  await withProxy(
    {},
    (_call, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(line(answerOf([{ text: 'hm', thought: true }], '')));
    },
    async (proxied) => {
      const leaving = new AbortController();
      const gone = fetch(`${proxied.url}/v1/messages`, {
        ...{ method: 'POST', headers: anthropicHeaders, signal: leaving.signal },
        body: JSON.stringify({
          model: 'gemini-3-pro',
          max_tokens: 9,
          stream: true,
          messages: [{ role: 'user', content: 'hi' }],
        }),
      }).catch(() => undefined);
      while (proxied.upstream.calls.length === 0) await new Promise((done) => setTimeout(done, 5));
      await new Promise((done) => setTimeout(done, 30));
      leaving.abort();
      await gone;
      await proxied.firstRecord();
      assert.is(proxied.pool.get('a1')?.inFlight, 0);
      assert.equal(proxied.faults, []);
    },
  );
});

test.run();
