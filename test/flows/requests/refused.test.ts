/** What comes of an upstream's refusals, through the whole proxy: whoever Google would serve is served. */
import type { ServerResponse } from 'node:http';
import { createBrotliCompress, createDeflate, createGzip } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fastClock } from '../../support/clock.js';
import { ask, googleFailure, reply, withProxy, type Proxied } from '../../support/proxy.js';

const ids = ['a1', 'b2', 'c3', 'd4', 'e5'];
const good = { candidates: [{ content: { parts: [{ text: 'hi' }] } }] };
const info = (reason: string) => [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }];
const accounts = (count: number, more: object = {}) => ids.slice(0, count).map((id) => ({ id, ...more }));
const chat = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] };
const askers = (proxied: Proxied): string => proxied.upstream.calls.map(({ account }) => account).join(' ');
const rests = (proxied: Proxied) =>
  proxied.pool.list().flatMap((member) => proxied.pool.restOf(member)?.rest.cause ?? []);

test('a path that refuses access tokens rests nobody, and costs two refreshes at most', async () => {
  const own = ids.map((id) => ({ id, refreshToken: `1//0${id}-token` }));
  await withProxy(
    { accounts: own },
    (_call, response) => reply(response, 401, googleFailure(401, 'UNAUTHENTICATED')),
    async (proxied) => {
      for (const { id, refreshToken } of own) proxied.google.grant(refreshToken, { email: `${id}@example.com` });
      for (let times = 0; times < 4; times++) {
        assert.is((await ask(proxied, { path: '/v1beta/odd:check' })).status, 401);
      }
      assert.ok(proxied.google.calls.token.length <= 2);
      assert.equal(rests(proxied), []);
    },
  );
});

for (const strategy of ['round-robin', 'least-busy', 'fill-first'] as const) {
  test(`four of five accounts without a licence take down no request (${strategy})`, async () => {
    await withProxy(
      { kind: 'cloudcode', accounts: accounts(5), pool: { strategy } },
      (call, response) =>
        call.account === 'e5'
          ? reply(response, 200, { response: good })
          : reply(response, 403, googleFailure(403, 'PERMISSION_DENIED', info('SUBSCRIPTION_REQUIRED'))),
      async (proxied) => {
        for (let times = 0; times < 20; times++) assert.is((await ask(proxied)).status, 200);
        assert.is(proxied.pool.counts().blocked, 4);
        assert.is(proxied.upstream.calls.length, 24);
      },
    );
  });
}

test('a request that is bad by itself keeps nobody waiting for long', async () => {
  await withProxy(
    { accounts: accounts(3), clock: fastClock(5), pool: { waitSeconds: 10 } },
    (call, response) =>
      call.body.includes('marker')
        ? reply(response, 429, googleFailure(429, 'RESOURCE_EXHAUSTED'))
        : reply(response, 200, good),
    async (proxied) => {
      const bad = ask(proxied, { body: '{"contents":[],"x":"marker"}' });
      await new Promise((resolve) => setTimeout(resolve, 100));
      const others = await Promise.all([1, 2, 3].map(() => ask(proxied)));
      for (const { status } of others) assert.is(status, 200);
      assert.is((await bad).status, 429);
      assert.is((await ask(proxied)).status, 200);
      assert.ok(Math.max(...proxied.records.map(({ waitedMs }) => waitedMs ?? 0)) > 1_000, 'one waited for its turn');
    },
  );
});

test("a day's quota of one model, named in the body, leaves other models and lists alone", async () => {
  const quota = [
    { '@type': 'x/google.rpc.QuotaFailure', violations: [{ quotaId: 'RequestsPerDayPerProjectPerModel' }] },
  ];
  await withProxy(
    { accounts: accounts(2) },
    (call, response) =>
      call.url.includes('interactions')
        ? reply(response, 429, googleFailure(429, 'RESOURCE_EXHAUSTED', quota))
        : reply(response, 200, good),
    async (proxied) => {
      const interaction = { path: '/v1beta/interactions', body: '{"model":"gemini-3-pro","input":"x"}' };
      assert.is((await ask(proxied, interaction)).status, 429);
      const own = await ask(proxied, interaction);
      assert.is(own.status, 429);
      assert.match(own.text, /PerDay/);
      assert.ok(Number(own.headers['retry-after']) > 0);
      assert.is((await ask(proxied)).status, 200);
      assert.is((await ask(proxied, { method: 'GET', path: '/v1beta/models' })).status, 200);
      assert.equal(
        proxied.pool.health().noneServes.map(({ model }) => model),
        ['gemini-3-pro'],
      );
    },
  );
});

test("a batch's 429 leaves generating on the same model and account alone", async () => {
  await withProxy(
    { accounts: accounts(1) },
    (call, response) =>
      call.url.includes('batchGenerate')
        ? reply(response, 429, {}, { 'retry-after': '3600' })
        : reply(response, 200, good),
    async (proxied) => {
      const path = '/v1beta/models/gemini-3-flash:batchGenerateContent';
      assert.is((await ask(proxied, { path })).status, 429);
      assert.is((await ask(proxied)).status, 200);
      assert.is((await ask(proxied, { path })).status, 429);
      assert.is(proxied.upstream.calls.length, 2);
    },
  );
});

test('a stream whose first event is an error is asked of another account, and comes whole from that', async () => {
  await withProxy(
    { accounts: accounts(2) },
    (call, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (call.account === 'a1')
        response.end('data: {"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}');
      else response.end('data: {"n":1}\r\n\r\ndata: {"n":2}\r\n\r\n');
    },
    async (proxied) => {
      const got = await ask(proxied, { path: '/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse' });
      assert.is(got.text, 'data: {"n":1}\r\n\r\ndata: {"n":2}\r\n\r\n');
      assert.is(askers(proxied), 'a1 b2');
      assert.equal(rests(proxied), ['quota']);
    },
  );
});

const error = JSON.stringify({ error: { code: 429, message: 'm', status: 'RESOURCE_EXHAUSTED' } });
for (const [coding, pack] of [
  ['gzip', createGzip],
  ['deflate', createDeflate],
  ['br', createBrotliCompress],
] as const) {
  for (const [type, text] of [
    ['text/event-stream', `data: ${error}\r\n\r\n`],
    ['application/json', error],
    ['', error],
  ] as const) {
    test(`an answer that begins with an error is asked of another account, packed too (${coding}, ${type || 'no type'})`, async () => {
      await withProxy(
        { accounts: accounts(2) },
        (call, response) => {
          const packer = pack();
          packer.pipe(response);
          response.writeHead(200, { ...(type === '' ? {} : { 'content-type': type }), 'content-encoding': coding });
          response.flushHeaders();
          setImmediate(() => packer.end(call.account === 'a1' ? text : 'data: {"n":1}\n\n'));
        },
        async (proxied) => {
          const path = '/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse';
          await ask(proxied, { path });
          assert.is(askers(proxied), 'a1 b2');
          assert.equal(rests(proxied), ['quota']);
        },
      );
    });
  }
}

const begun = (_call: unknown, response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': nothing yet\n\n', () => response.destroy());
};
const wordless = (_call: unknown, response: ServerResponse) => reply(response, 200, good);
for (const [what, path, body, handler] of [
  ['that break off at once', '/v1beta/models/m:streamGenerateContent?alt=sse', good, begun],
  ['that break off at once, in other words', '/v1/chat/completions', chat, begun],
  ['without what was asked for', '/v1/images/generations', { model: 'm', prompt: 'a cat' }, wordless],
] as const) {
  test(`nobody waits after answers ${what}: no quota comes back with time`, async () => {
    await withProxy({ accounts: accounts(2), pool: { waitSeconds: 120 } }, handler, async (proxied) => {
      const { status, text } = await ask(proxied, { method: 'POST', path, body: JSON.stringify(body) });
      assert.is(status, 502);
      assert.match(text, handler === begun ? /no answer from .*: connection lost/ : /nothing of what was asked for/);
      assert.is((await proxied.firstRecord()).waitedMs, 0);
    });
  });
}

test('of a stored thing that nobody knows one account of each project is asked, and who has it is remembered', async () => {
  const projects = ['p', 'p', 'q', 'q', 'r'];
  await withProxy(
    {
      accounts: ids.map((id, at) => ({ id, token: { project_id: projects[at] } })),
      proxy: { maxTries: 1 },
    },
    (call, response) =>
      call.account === 'e5'
        ? reply(response, 200, { name: 'files/thing', uri: 'https://h/v1beta/files/thing' })
        : reply(response, 404, googleFailure(404, 'NOT_FOUND')),
    async (proxied) => {
      const file = { method: 'GET', path: '/v1beta/files/thing' };
      assert.is((await ask(proxied, file)).status, 200);
      assert.is(askers(proxied), 'a1 c3 e5');
      assert.is((await ask(proxied, file)).status, 200);
      assert.is(proxied.upstream.calls.length, 4);
      assert.equal(rests(proxied), []);
    },
  );
});

test('a project that is gone is asked for anew once, saved, and the request goes on', async () => {
  const details = [{ '@type': 'x/google.rpc.ResourceInfo', resourceName: 'projects/project-a1' }];
  await withProxy(
    { kind: 'cloudcode', accounts: accounts(1) },
    (call, response) => {
      if (call.url === '/v1internal:loadCodeAssist') reply(response, 200, { cloudaicompanionProject: 'new-one' });
      else if (call.body.includes('new-one')) reply(response, 200, { response: good });
      else reply(response, 404, googleFailure(404, 'NOT_FOUND', details));
    },
    async (proxied) => {
      assert.is((await ask(proxied)).status, 200);
      assert.is((await ask(proxied)).status, 200);
      assert.is(proxied.upstream.calls.filter(({ url }) => url === '/v1internal:loadCodeAssist').length, 1);
      assert.is(proxied.pool.get('a1')?.projectId, 'new-one');
    },
  );
});

test.run();
