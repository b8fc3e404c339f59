import { gzipSync } from 'node:zlib';
import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, googleFailure, listening, type Proxied, reply, withProxy, withRawUpstream } from '../../support/proxy.js';
import { invalidGrant } from '../../support/google.js';

const three = [{ id: 'a1' }, { id: 'b2' }, { id: 'c3' }];
const good = { candidates: [], usageMetadata: { totalTokenCount: 5 } };
const accountsOf = ({ upstream }: Proxied) => upstream.calls.map(({ account }) => account);

for (const status of [429, 403, 499, 500, 503, 599]) {
  test(`a ${status} sends the request to the next account, body and all`, async () => {
    await withProxy(
      { accounts: three },
      (call, response) =>
        call.account === 'a1' ? reply(response, status, googleFailure(status, 'X')) : reply(response, 200, good),
      async (proxied) => {
        const got = await ask(proxied, { body: '{"contents":["ä"]}' });
        assert.is(got.status, 200);
        assert.equal(accountsOf(proxied), ['a1', 'b2']);
        assert.is(proxied.upstream.call(1).body.toString(), '{"contents":["ä"]}');
        const record = await proxied.firstRecord();
        assert.equal(record.left, [`a1: ${status}`]);
        assert.is(record.account, 'b2@example.com');
        assert.is(record.tries, 2);
        assert.is(record.tokens, 5);
        assert.is(proxied.pool.get('a1')?.errors, 1);
        assert.is(proxied.pool.get('b2')?.errors, 0);
        assert.is(proxied.pool.get('b2')?.inFlight, 0);
      },
    );
  });
}

test('a 404 on a model is asked of other accounts, and is the client’s where all say it', async () => {
  await withProxy(
    { accounts: three },
    (_call, response) => reply(response, 404, googleFailure(404, 'NOT_FOUND')),
    async (proxied) => {
      assert.is((await ask(proxied)).status, 404);
      assert.is(proxied.upstream.calls.length, 3);
      assert.equal([proxied.pool.counts().ready, proxied.pool.health().status], [3, 'ok']);
      assert.is((await ask(proxied, { path: '/v1beta/nothing' })).status, 404);
      assert.is(proxied.upstream.calls.length, 4, 'no such path: nobody else is asked');
    },
  );
});

test('the account that lacks a model rests for that model for an hour, and serves others', async () => {
  await withProxy(
    { accounts: three.slice(0, 2) },
    (call, response) =>
      call.account === 'a1' && call.url.includes('flash')
        ? reply(response, 404, googleFailure(404, 'NOT_FOUND'))
        : reply(response, 200, good),
    async (proxied) => {
      for (let times = 0; times < 3; times++) assert.is((await ask(proxied)).status, 200);
      const askers = () => proxied.upstream.calls.map(({ account }) => account).join(' ');
      assert.is(askers(), 'a1 b2 b2 b2');
      const rest = proxied.pool.list().map((member) => proxied.pool.restOf(member)?.rest)[0];
      assert.equal(
        [rest?.about, rest?.cause, rest?.model, rest?.seconds],
        ['model', 'no_model', 'gemini-3-flash', 3_600],
      );
      proxied.upstream.calls.length = 0;
      const path = '/v1beta/models/gemini-3-pro:generateContent';
      for (let times = 0; times < 2; times++) assert.is((await ask(proxied, { path })).status, 200);
      assert.is(askers(), 'a1 b2');
    },
  );
});

for (const status of [200, 400, 413]) {
  test(`a ${status} is the client's answer at once`, async () => {
    await withProxy(
      { accounts: three },
      (_call, response) => reply(response, status, { from: 'upstream' }),
      async (proxied) => {
        const got = await ask(proxied);
        assert.is(got.status, status);
        assert.is(got.text, '{"from":"upstream"}');
        assert.is(proxied.upstream.calls.length, 1);
        assert.is(proxied.pool.get('a1')?.errors, 0);
      },
    );
  });
}

test('after maxTries upstream answers the last one goes to the client as it came', async () => {
  await withProxy(
    { accounts: [...three, { id: 'd4' }], proxy: { maxTries: 3 } },
    (call, response) => {
      const body = gzipSync(JSON.stringify(googleFailure(503, call.account)));
      response.writeHead(503, { 'content-encoding': 'gzip', 'content-length': body.length, 'x-odd': 'kept' });
      response.end(body);
    },
    async (proxied) => {
      const got = await ask(proxied);
      assert.is(got.status, 503);
      assert.is(got.headers['x-odd'], 'kept');
      assert.is(got.headers['content-encoding'], 'gzip');
      assert.equal(got.body, gzipSync(JSON.stringify(googleFailure(503, 'c3'))));
      assert.equal(accountsOf(proxied), ['a1', 'b2', 'c3']);
      const record = await proxied.firstRecord();
      assert.equal(record.left, ['a1: 503', 'b2: 503']);
      assert.is(record.account, 'c3@example.com');
    },
  );
});

test('no account is asked twice, and the answer of the last one stands', async () => {
  await withProxy(
    { accounts: three.slice(0, 2), proxy: { maxTries: 10 } },
    (_call, response) => reply(response, 500, googleFailure(500, 'INTERNAL')),
    async (proxied) => {
      assert.is((await ask(proxied)).status, 500);
      assert.equal(accountsOf(proxied).sort(), ['a1', 'b2']);
    },
  );
});

test('an answer larger than what is held back still reaches the client whole when it is the last', async () => {
  const large = 'x'.repeat(1_000_000);
  await withProxy(
    { accounts: three.slice(0, 2) },
    (call, response) => {
      response.writeHead(500);
      response.end(call.account === 'a1' ? 'small' : large);
    },
    async (proxied) => {
      const got = await ask(proxied);
      assert.is(got.text, large);
    },
  );
});

test('the better answer wins over one that was kept, and the kept one is dropped though it was not whole', async () => {
  let dropped: () => void = () => undefined;
  const keptDropped = new Promise<void>((resolve) => (dropped = resolve));
  await withProxy(
    { accounts: three.slice(0, 2) },
    (call, response) => {
      if (call.account === 'b2') {
        reply(response, 200, good);
        return;
      }
      response.on('close', () => dropped());
      response.writeHead(500);
      response.write('x'.repeat(200_000));
    },
    async (proxied) => {
      assert.is((await ask(proxied)).status, 200);
      await keptDropped;
    },
  );
});

test('a failed refresh goes on to the next account and is no try; the dead token is sent once', async () => {
  await withProxy(
    {
      accounts: [
        { id: 'a1', accessEndsIn: -10, refreshToken: '1//0dead-token-aaaa' },
        { id: 'b2', accessEndsIn: -10, refreshToken: '1//0dead-token-bbbb' },
        { id: 'c3' },
      ],
      proxy: { maxTries: 1 },
    },
    (_call, response) => reply(response, 200, good),
    async (proxied) => {
      proxied.google.script('*', invalidGrant(), 2);
      const got = await ask(proxied);
      assert.is(got.status, 200);
      assert.equal(accountsOf(proxied), ['c3']);
      const record = await proxied.firstRecord();
      assert.is(record.tries, 1);
      // Whether one or both dead accounts come first in the ring, each is left for the same reason.
      for (const left of record.left) assert.match(left, /^(a1|b2): refresh failed: invalid_grant$/);
      assert.match(
        await proxied.metrics.text({ accounts: proxied.pool.counts(), inFlight: 0, unsaved: 0 }),
        /refresh_failed/,
      );
    },
  );
});

test('nobody could be asked: 503 in the shape of Google, with the reasons and without an e-mail', async () => {
  await withProxy(
    {
      accounts: [
        { id: 'a1', accessEndsIn: -10 },
        { id: 'b2', disabled: true, disabled_reason: 'invalid_grant: x' },
      ],
    },
    (_call, response) => reply(response, 200, good),
    async (proxied) => {
      proxied.google.script('*', invalidGrant());
      const got = await ask(proxied);
      assert.is(got.status, 503);
      const { error } = JSON.parse(got.text) as { error: { code: number; status: string; message: string } };
      assert.is(error.code, 503);
      assert.is(error.status, 'UNAVAILABLE');
      assert.is(error.message, 'no account can serve: 2 disabled (invalid_grant)');
      assert.not.match(got.text, /@example/);
      assert.is(proxied.upstream.calls.length, 0);
    },
  );
});

test('all that could serve are cooling: the next request gets 429 with Retry-After', async () => {
  await withProxy(
    { accounts: three.slice(0, 2) },
    (_call, response) => reply(response, 429, googleFailure(429, 'RESOURCE_EXHAUSTED'), { 'retry-after': '30' }),
    async (proxied) => {
      const first = await ask(proxied);
      assert.is(first.status, 429);
      assert.match(first.text, /simulated 429/);
      const second = await ask(proxied);
      assert.is(second.status, 429);
      assert.match(second.text, /RESOURCE_EXHAUSTED/);
      assert.match(second.text, /no account can serve: 2 cooling/);
      assert.is(Math.abs(Number(second.headers['retry-after']) - 30) <= 1, true, second.headers['retry-after']);
      assert.is(proxied.upstream.calls.length, 2);
      assert.is(proxied.server.inFlight(), 0);
    },
  );
});

test('a 429 cools the model it was about, with the delay of its packed body, and no other', async () => {
  const info = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12.5s' }];
  await withProxy(
    { accounts: three.slice(0, 1) },
    (call, response) => {
      if (call.url.includes('flash:')) {
        reply(response, 200, good);
        return;
      }
      const body = gzipSync(JSON.stringify(googleFailure(429, 'RESOURCE_EXHAUSTED', info)));
      response.writeHead(429, { 'content-encoding': 'gzip' });
      response.end(body);
    },
    async (proxied) => {
      const path = '/v1beta/models/gemini-3-pro:generateContent';
      assert.is((await ask(proxied, { path })).status, 429);
      assert.is((await ask(proxied)).status, 200);
      const again = await ask(proxied, { path });
      assert.is(again.headers['retry-after'], '13');
      const [member] = proxied.pool.list();
      assert.is(member && proxied.pool.restOf(member)?.rest.model, 'gemini-3-pro');
    },
  );
});

test('a 401 brings one forced refresh, and the same account is asked again with its new token', async () => {
  await withProxy(
    {
      accounts: [{ id: 'a1', refreshToken: '1//0good-token-aaaa', accessToken: 'ya29.stale' }],
      proxy: { maxTries: 1 },
    },
    (call, response) =>
      call.headers.authorization === 'Bearer ya29.stale'
        ? reply(response, 401, googleFailure(401, 'UNAUTHENTICATED'))
        : reply(response, 200, good),
    async (proxied) => {
      proxied.google.grant('1//0good-token-aaaa', { email: 'a1@example.com' });
      const got = await ask(proxied);
      assert.is(got.status, 200);
      assert.is(proxied.google.calls.token.length, 1);
      const record = await proxied.firstRecord();
      assert.is(record.tries, 1);
      assert.equal(record.left, []);
      assert.is(proxied.pool.get('a1')?.requests, 1);
    },
  );
});

test('a 401 with a token that was replaced meanwhile is asked again with the newer one, without a refresh', async () => {
  let stale = 0;
  let replaced: (() => Promise<unknown>) | null = null;
  await withProxy(
    { accounts: [{ id: 'a1', refreshToken: '1//0good-token-aaaa', accessToken: 'ya29.stale' }] },
    (call, response) => {
      if (call.headers.authorization !== 'Bearer ya29.stale') {
        reply(response, 200, good);
        return;
      }
      // While this one is on its way, another request refreshes the account.
      if (++stale === 1) void replaced?.().then(() => reply(response, 401, googleFailure(401, 'UNAUTHENTICATED')));
      else reply(response, 401, googleFailure(401, 'UNAUTHENTICATED'));
    },
    async (proxied) => {
      proxied.google.grant('1//0good-token-aaaa', { email: 'a1@example.com' });
      replaced = () => ask(proxied);
      assert.is((await ask(proxied)).status, 200);
      assert.is(proxied.google.calls.token.length, 1);
    },
  );
});

test('an account still refused with a fresh token cools for a minute, and the next is asked; nothing is disabled', async () => {
  await withProxy(
    { accounts: [{ id: 'a1', refreshToken: '1//0good-token-aaaa' }, { id: 'b2' }] },
    (call, response) =>
      call.account === 'b2' ? reply(response, 200, good) : reply(response, 401, googleFailure(401, 'UNAUTHENTICATED')),
    async (proxied) => {
      proxied.google.grant('1//0good-token-aaaa', { email: 'a1@example.com' });
      const got = await ask(proxied);
      assert.is(got.status, 200);
      const record = await proxied.firstRecord();
      assert.equal(record.left, ['a1: 401']);
      assert.is(record.tries, 2);
      const member = proxied.pool.get('a1');
      assert.is(member && proxied.pool.stateOf(member), 'cooling');
      assert.is(member && proxied.pool.restOf(member)?.rest.model, '');
    },
  );
});

test('a 401 whose forced refresh fails counts as a failed refresh, not as a try', async () => {
  await withProxy(
    { accounts: [{ id: 'a1' }, { id: 'b2' }], proxy: { maxTries: 1 } },
    (call, response) =>
      call.account === 'b2' ? reply(response, 200, good) : reply(response, 401, googleFailure(401, 'UNAUTHENTICATED')),
    async (proxied) => {
      proxied.google.script('*', invalidGrant());
      const got = await ask(proxied);
      assert.is(got.status, 200);
      const record = await proxied.firstRecord();
      assert.equal(record.left, ['a1: refresh failed: invalid_grant']);
      assert.is(record.tries, 1);
      assert.is(proxied.pool.counts().disabled, 1);
    },
  );
});

test('with nobody left after such a 401 the client hears 503, not that its key is wrong', async () => {
  await withProxy(
    { accounts: [{ id: 'a1' }] },
    (_call, response) => reply(response, 401, googleFailure(401, 'UNAUTHENTICATED')),
    async (proxied) => {
      proxied.google.script('*', invalidGrant());
      const got = await ask(proxied);
      assert.is(got.status, 503);
      assert.match(got.text, /1 disabled \(invalid_grant\)/);
    },
  );
});

test('a storm of 401s brings one refresh, and every client its answer', async () => {
  await withProxy(
    { accounts: [{ id: 'a1', refreshToken: '1//0good-token-aaaa', accessToken: 'ya29.stale' }] },
    (call, response) => {
      if (call.headers.authorization !== 'Bearer ya29.stale') {
        reply(response, 200, good);
        return;
      }
      setImmediate(() => reply(response, 401, googleFailure(401, 'UNAUTHENTICATED')));
    },
    async (proxied) => {
      proxied.google.grant('1//0good-token-aaaa', { email: 'a1@example.com' });
      const all = await Promise.all(Array.from({ length: 40 }, () => ask(proxied)));
      assert.equal(new Set(all.map(({ status }) => status)), new Set([200]));
      assert.is(proxied.google.calls.token.length, 1);
    },
  );
});

test('a slow refresh is not waited for while another account can serve, but is where nobody else is left', async () => {
  await withProxy(
    { accounts: [{ id: 'a1', accessEndsIn: -10, refreshToken: '1//0good-token-aaaa' }, { id: 'b2' }] },
    (call, response) =>
      call.account === 'b2'
        ? reply(response, 429, googleFailure(429, 'RESOURCE_EXHAUSTED'))
        : reply(response, 200, good),
    async (proxied) => {
      proxied.google.grant('1//0good-token-aaaa', { email: 'a1@example.com' });
      const hold = proxied.google.hold('1//0good-token-aaaa');
      const asked = ask(proxied);
      await hold.waiting();
      while (proxied.upstream.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
      hold.release();
      assert.is((await asked).status, 200);
      const record = await proxied.firstRecord();
      assert.equal(record.left, ['b2: 429']);
      assert.is(record.tries, 2);
    },
  );
});

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = net.createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('base URLs are tried in order where there is no answer, with the same account', async () => {
  const dead = `http://127.0.0.1:${await deadPort()}`;
  await withProxy(
    { accounts: three },
    (_call, response) => reply(response, 200, good),
    async (live) => {
      await withProxy(
        { accounts: three, baseUrls: [dead, `${live.upstream.url}/base/`] },
        () => undefined,
        async (proxied) => {
          const got = await ask(proxied);
          assert.is(got.status, 200);
          assert.equal(
            live.upstream.calls.map(({ account, url }) => `${account} ${url}`),
            ['a1 /base/v1beta/models/gemini-3-flash:generateContent'],
          );
          const record = await proxied.firstRecord();
          assert.is(record.tries, 1);
          assert.equal(record.left, []);
        },
      );
    },
  );
});

test('an upstream that cannot be reached is 502 in the shape of Google, saying what failed', async () => {
  await withProxy(
    { accounts: three, proxy: { maxTries: 2 }, baseUrls: [`http://127.0.0.1:${await deadPort()}`] },
    () => undefined,
    async (proxied) => {
      const got = await ask(proxied);
      assert.is(got.status, 502);
      assert.match(got.text, /"status":"UNAVAILABLE"/);
      assert.match(got.text, /no answer from 127\.0\.0\.1:\d+: connection refused \(ECONNREFUSED\)/);
      const record = await proxied.firstRecord();
      assert.is(record.tries, 2);
      assert.equal(record.left, ['a1: connection refused', 'b2: connection refused']);
    },
  );
});

test('a connection reset before an answer is tried once more, then counts as a try, and the next account is asked', async () => {
  const seen: string[] = [];
  await withRawUpstream(
    { accounts: three },
    (request, response) => {
      const account = request.headers.authorization?.slice(-2) ?? '';
      seen.push(account);
      if (account === 'a1') request.socket.resetAndDestroy();
      else reply(response, 200, good);
    },
    async (proxied) => {
      assert.is((await ask(proxied)).status, 200);
      assert.equal(seen, ['a1', 'a1', 'b2']);
      const record = await proxied.firstRecord();
      assert.is(record.tries, 2);
      assert.match(record.left.join(), /^a1: connection (closed|reset)$/);
    },
  );
});

test('a kept-alive connection that the upstream closed meanwhile costs no failure', async () => {
  const seen: net.Socket[] = [];
  await withRawUpstream(
    { accounts: [{ id: 'a1' }] },
    (request, response) => {
      // The second request on a connection meets it closed, as if the close had crossed the request on the way.
      if (seen.includes(request.socket)) request.socket.destroy();
      else reply(response, 200, good);
      seen.push(request.socket);
    },
    async (proxied) => {
      for (let n = 0; n < 4; n++) assert.is((await ask(proxied)).status, 200);
      assert.ok(seen.length > 4);
    },
  );
});

test('an upstream that does not begin to answer in time is left; 504 where all do so', async () => {
  await withRawUpstream(
    { accounts: three.slice(0, 2), timeouts: { firstByteMs: 1 } },
    (request) => void request.resume(),
    async (proxied) => {
      const got = await ask(proxied);
      assert.is(got.status, 504);
      assert.match(got.text, /DEADLINE_EXCEEDED/);
      assert.match(got.text, /no answer in time/);
      const record = await proxied.firstRecord();
      assert.is(record.tries, 2);
    },
  );
});

test('failovers are counted by cause', async () => {
  await withProxy(
    { accounts: three },
    (call, response) => {
      if (call.account === 'a1') reply(response, 403, googleFailure(403, 'PERMISSION_DENIED'));
      else if (call.account === 'b2') reply(response, 500, googleFailure(500, 'INTERNAL'));
      else reply(response, 200, good);
    },
    async (proxied) => {
      await ask(proxied);
      await proxied.recorded(1);
      const text = await proxied.metrics.text({ accounts: proxied.pool.counts(), inFlight: 0, unsaved: 0 });
      assert.match(text, /regrant_failovers_total\{cause="forbidden"\} 1/);
      assert.match(text, /regrant_failovers_total\{cause="upstream_error"\} 1/);
      assert.match(text, /regrant_requests_total\{status="200",model="gemini-3-flash"\} 1/);
    },
  );
});

test.run();
