import http from 'node:http';
import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AddressInUse, AddressUnusable, listenFailure } from '../../../src/proxy/server/listener/listen-errors.js';
import {
  API_KEY,
  ask,
  GENERATE,
  googleFailure,
  listening,
  type Proxied,
  RawClient,
  reply,
  withProxy,
} from '../../support/proxy.js';
import { invalidGrant } from '../../support/google.js';

const get = (path: string, headers: http.OutgoingHttpHeaders = {}) => ({ method: 'GET', path, headers });
const ok = (_call: unknown, response: http.ServerResponse) => reply(response, 200, { from: 'upstream' });

test('a key opens by each of its ways in, and nothing of it goes upstream', async () => {
  await withProxy({ proxy: { authMode: 'strict' } }, ok, async (proxied) => {
    for (const [headers, query] of [
      [{ authorization: `Bearer ${API_KEY}` }, ''],
      [{ 'x-api-key': API_KEY }, ''],
      [{ 'x-goog-api-key': API_KEY }, ''],
      [{}, `?key=${API_KEY}`],
      [{}, `?alt=json&k%65y=${encodeURIComponent(API_KEY)}&x=1`],
    ] as const) {
      const got = await ask(proxied, get(`/v1beta/models${query}`, headers));
      assert.is(got.status, 200);
    }
    const sent = JSON.stringify(proxied.upstream.calls.map(({ url, rawHeaders }) => [url, rawHeaders]));
    assert.not.match(sent, /sk-/);
    assert.match(sent, /\/v1beta\/models\?alt=json&x=1/);
    assert.not.match(JSON.stringify(await proxied.recorded(5)), new RegExp(API_KEY));
  });
});

test('a web page spends nobody’s quota where no key is asked for, and is never told that it may read', async () => {
  await withProxy({ proxy: { authMode: 'off' } }, ok, async (proxied) => {
    const from = (origin: string) => ask(proxied, { headers: { origin, 'content-type': 'text/plain' } });
    const refused = await from('https://evil.example');
    assert.is(refused.status, 403);
    assert.match(refused.text, /"PERMISSION_DENIED"/);
    assert.match(refused.text, /proxy\.authMode.*proxy\.corsOrigins/);
    assert.is(proxied.upstream.calls.length, 0);
    const own = await from(`http://localhost:${proxied.port}`);
    assert.is(own.status, 200);
    const names = [...refused.rawHeaders, ...own.rawHeaders].map((name) => name.toLowerCase());
    assert.not.ok(names.some((name) => name.startsWith('access-control-')));
  });
});

test("a missing or wrong key gets 401 in Google's shape, and is not shown", async () => {
  await withProxy({ proxy: { authMode: 'strict' } }, ok, async (proxied) => {
    for (const headers of [
      {},
      { 'x-api-key': 'sk-wrong-key' },
      { authorization: 'Bearer ' },
      { 'x-goog-api-key': '' },
    ]) {
      for (const path of ['/v1beta/models', '/healthz', '/metrics']) {
        const got = await ask(proxied, get(path, headers));
        assert.is(got.status, 401);
        const { error } = JSON.parse(got.text) as { error: { code: number; status: string; message: string } };
        assert.is(error.code, 401);
        assert.is(error.status, 'UNAUTHENTICATED');
        assert.ok(error.message.length > 0);
        assert.not.match(got.text, /sk-/);
      }
    }
    assert.is((await ask(proxied, get('/v1beta/models?key=sk-wrong-key'))).status, 401);
    assert.is(proxied.upstream.calls.length, 0);
    const records = await proxied.recorded(13);
    assert.is(records.at(-1)?.path, '/v1beta/models?key=[redacted]');
    assert.is(records.at(-1)?.tries, 0);
  });
});

test('a foreign Host is refused where no key is asked for', async () => {
  await withProxy({ proxy: { authMode: 'auto', allowedHosts: ['proxy.lan'] } }, ok, async (proxied) => {
    assert.is(proxied.server.keyRequired, false);
    assert.is((await ask(proxied, get('/v1beta/models', { host: 'evil.example' }))).status, 403);
    assert.is((await ask(proxied, get('/healthz', { host: 'evil.example' }))).status, 403);
    assert.is((await ask(proxied, get('/v1beta/models', { host: 'proxy.lan:1' }))).status, 200);
    assert.is((await ask(proxied, get('/v1beta/models', { host: `localhost:${proxied.port}` }))).status, 200);
    assert.is((await ask(proxied, get('/v1beta/models', { cookie: 'a=b', 'x-api-key': 'sk-any' }))).status, 200);
    const sent = JSON.stringify(proxied.upstream.calls.at(-1)?.rawHeaders);
    assert.not.match(sent, /cookie|sk-any/i);
  });
});

test('/healthz counts each account once and says how it stands', async () => {
  const accounts = [
    { id: 'a1' },
    { id: 'b2', disabled: true, disabled_reason: 'invalid_grant: x' },
    { id: 'c3', proxy_disabled: true },
  ];
  await withProxy({ accounts }, ok, async (proxied) => {
    const got = await ask(proxied, get('/healthz'));
    assert.is(got.status, 200);
    assert.match(got.headers['content-type'] ?? '', /^application\/json/);
    assert.equal(JSON.parse(got.text), {
      status: 'degraded',
      version: '0.0.0-test',
      accounts: {
        ...{
          ready: 1,
          cooling: 0,
          disabled: 1,
          proxy_disabled: 1,
          refused: 0,
          blocked: 0,
          no_client: 0,
          unreadable: 0,
        },
      },
      unsaved: 0,
      noneServes: [],
    });
    const head = await ask(proxied, { method: 'HEAD', path: '/healthz', headers: {} });
    assert.is(head.status, 200);
    assert.is(head.body.length, 0);
    assert.is((await ask(proxied, { path: '/healthz', headers: {} })).status, 405);
    assert.is(proxied.upstream.calls.length, 0);
  });
});

test('a HEAD of an answer of its own has the length of a GET, no body, and none in the log', async () => {
  await withProxy({}, ok, async (proxied) => {
    const lengths: number[] = [];
    for (const [path, headers] of [
      ['/healthz', {}],
      ['/v1beta/models', { 'x-api-key': 'wrong' }],
    ] as const) {
      const whole = await ask(proxied, { method: 'GET', path, headers });
      const head = await ask(proxied, { method: 'HEAD', path, headers });
      assert.equal([head.status, head.body.length], [whole.status, 0]);
      assert.is(Number(head.headers['content-length']), whole.body.length);
      lengths.push(whole.body.length, 0);
    }
    assert.equal(
      (await proxied.recorded(4)).map(({ bytes }) => bytes),
      lengths,
    );
  });
});

test('/healthz is 503 where no account serves', async () => {
  await withProxy(
    { accounts: [{ id: 'a1', disabled: true, disabled_reason: 'invalid_grant: x' }] },
    ok,
    async (proxied) => {
      const got = await ask(proxied, get('/healthz'));
      assert.is(got.status, 503);
      assert.match(got.text, /"status":"down"/);
    },
  );
});

test('/metrics wants the key and counts every request but those for the proxy itself', async () => {
  await withProxy({ accounts: [{ id: 'a1', accessEndsIn: -10 }] }, ok, async (proxied) => {
    proxied.google.script('*', invalidGrant());
    assert.is((await ask(proxied, get('/metrics'))).status, 401);
    assert.is((await ask(proxied, get('/healthz?from=monitor'))).status, 200);
    assert.is((await ask(proxied, get('/v1beta/models'))).status, 401);
    assert.is((await ask(proxied)).status, 503);
    await proxied.recorded(4);
    assert.equal(proxied.kinds, ['probe', 'probe', 'traffic', 'traffic']);
    const got = await ask(proxied, get('/metrics', { 'x-api-key': API_KEY }));
    assert.is(got.status, 200);
    assert.match(got.headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
    for (const line of [
      'regrant_requests_total{status="401",model=""} 1',
      'regrant_requests_total{status="503",model="other"} 1',
      'regrant_failovers_total{cause="refresh_failed"} 1',
      'regrant_accounts{state="disabled"} 1',
      'regrant_in_flight_requests 0',
    ]) {
      assert.ok(got.text.split('\n').includes(line), `${line}\n${got.text}`);
    }
    assert.not.match(got.text, /requests_total\{status="200"/);
  });
});

test('a request line without a path, and a coding that cannot be passed on, are refused', async () => {
  await withProxy({ proxy: { authMode: 'off' } }, ok, async (proxied) => {
    const star = new RawClient(proxied);
    star.write('OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    assert.match(await star.closed(), /^HTTP\/1\.1 400 .*"code":400/s);
    const coded = new RawClient(proxied);
    coded.write(
      `POST ${GENERATE} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n`,
    );
    assert.match(await coded.closed(), /^HTTP\/1\.1 501 .*"code":501/s);
    const absolute = new RawClient(proxied);
    absolute.write(
      'GET http://generativelanguage.googleapis.com/v1beta/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    assert.match(await absolute.closed(), /^HTTP\/1\.1 200 /);
    assert.equal(
      proxied.upstream.calls.map(({ url }) => url),
      ['/v1beta/models'],
    );
  });
});

test('requests that two readers could read in two ways are refused, and none is smuggled upstream', async () => {
  const start = `POST ${GENERATE} HTTP/1.1\r\nHost: localhost\r\n`;
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';
  await withProxy({ proxy: { authMode: 'off' } }, ok, async (proxied) => {
    for (const wire of [
      `${start}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `${start}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!${smuggled}`,
      `${start}Content-Length: +5\r\n\r\nhello${smuggled}`,
      `${start}Content-Length : 5\r\n\r\nhello${smuggled}`,
      `${start}Transfer-Encoding: chunked\r\n Content-Length: 1\r\n\r\n${smuggled}`,
      `${start}Transfer-Encoding: xchunked\r\n\r\n${smuggled}`,
      `${start}Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n${smuggled}`,
      `${start}X: a\nTransfer-Encoding: chunked\r\n\r\n${smuggled}`,
      'GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'garbage\r\n\r\n',
    ]) {
      const client = new RawClient(proxied);
      client.write(wire);
      assert.match(await client.closed(), /^HTTP\/1\.1 (4\d\d|501) /, JSON.stringify(wire));
    }
    assert.not.match(JSON.stringify(proxied.upstream.calls), /smuggled/);
  });
});

test('one path a request: a body that looks like a request stays a body', async () => {
  await withProxy({ proxy: { authMode: 'off' } }, ok, async (proxied) => {
    const inner = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
    const client = new RawClient(proxied);
    client.write(
      `GET /v1beta/models HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${inner.length}\r\nConnection: close, content-length\r\n\r\n${inner}`,
    );
    assert.match(await client.closed(), /^HTTP\/1\.1 200 /);
    assert.equal(
      proxied.upstream.calls.map(({ url, body }) => [url, body.toString()]),
      [['/v1beta/models', inner]],
    );
  });
});

test('a client that does not finish its headers is cut off', async () => {
  await withProxy({ timeouts: { headersMs: 50 } }, ok, async (proxied) => {
    const client = new RawClient(proxied);
    client.write('GET / HTTP/1.1\r\nHost: ');
    assert.match(await client.closed(), /^HTTP\/1\.1 408 /);
  });
});

test('a drain lets what runs end, takes nothing new, and closes kept connections', async () => {
  let finish: () => void = () => undefined;
  let arrived: () => void = () => undefined;
  const running = new Promise<void>((resolve) => (arrived = resolve));
  await withProxy(
    {},
    (call, response) => {
      if (call.method === 'GET') {
        reply(response, 200, {});
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
      finish = () => response.end('data: 2\n\n');
      arrived();
    },
    async (proxied) => {
      const agent = new http.Agent({ keepAlive: true });
      await ask(proxied, { method: 'GET', path: '/v1beta/models', headers: { 'x-api-key': API_KEY }, agent });
      const stream = ask(proxied, { agent });
      await running;
      const drained = proxied.server.drain(60_000);
      await refused(proxied);
      finish();
      const got = await stream;
      assert.is(got.text, 'data: 1\n\ndata: 2\n\n');
      await drained;
      assert.is(proxied.server.address, null);
      assert.is(proxied.server.inFlight(), 0);
      agent.destroy();
    },
  );
});

test('a drain cuts off what does not end in time', async () => {
  let arrived: () => void = () => undefined;
  const running = new Promise<void>((resolve) => (arrived = resolve));
  await withProxy(
    {},
    () => arrived(),
    async (proxied) => {
      const asked = ask(proxied).catch((error: unknown) => error);
      await running;
      await proxied.server.drain(1);
      assert.instance(await asked, Error);
      assert.is((await proxied.firstRecord()).status, 0);
    },
  );
});

async function refused({ host, port }: Proxied): Promise<void> {
  const socket = net.connect(port, host);
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
  assert.is(error.code, 'ECONNREFUSED');
}

test('a port in use is named, with the program that shares 8045', async () => {
  const other = net.createServer();
  const port = await listening(other);
  const failure = await withProxy({ proxy: { port } }, ok, () => Promise.resolve(null)).catch(
    (error: unknown) => error,
  );
  await new Promise((resolve) => other.close(resolve));
  assert.instance(failure, AddressInUse);
  if (!(failure instanceof AddressInUse)) return;
  assert.is(failure.code, 'EADDRINUSE');
  assert.ok(failure.message.startsWith(`127.0.0.1:${port} is in use by another program; `), failure.message);
  assert.match(failure.message, /proxy\.port/);
  assert.match(new AddressInUse('127.0.0.1', 8045).message, /Antigravity Tools/);
  assert.match(new AddressInUse('::1', 1).message, /^\[::1\]:1 /);
});

test('an address that cannot be used is named with what to do', () => {
  const failure = (code: string) => listenFailure(Object.assign(new Error('x'), { code }), '10.9.8.7', 80);
  assert.instance(failure('EACCES'), AddressUnusable);
  assert.is(failure('EACCES').code, 'EACCES');
  assert.match(failure('EACCES').message, /10\.9\.8\.7:80.*below 1024/);
  assert.match(failure('EADDRNOTAVAIL').message, /no such address.*proxy\.host/);
});

test('requests that wait their turn on a connection that ends leave nothing behind', async () => {
  await withProxy(
    {},
    (call, response) => {
      if (call.url.endsWith('n=3')) reply(response, 200, {});
    },
    async (proxied) => {
      const client = new RawClient(proxied);
      const line = (n: number) => `GET /v1beta/models?n=${n} HTTP/1.1\r\nHost: x\r\nx-api-key: ${API_KEY}\r\n\r\n`;
      client.write(line(1) + line(2));
      while (proxied.upstream.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
      client.destroy();
      await ask(proxied, get('/v1beta/models?n=3', { 'x-api-key': API_KEY }));
      await proxied.recorded(2);
      assert.is(proxied.server.inFlight(), 0);
      assert.is(proxied.pool.get('a1')?.inFlight, 0);
      assert.equal(
        proxied.upstream.calls.map(({ url }) => url.slice(-1)),
        ['1', '3'],
      );
    },
  );
});

test('many requests at once are all answered, and all accounted for', async () => {
  const accounts = Array.from({ length: 5 }, (_, n) => ({ id: `m${n}` }));
  let turn = 0;
  await withProxy(
    { accounts, proxy: { maxTries: 5 } },
    (_call, response) => {
      turn += 1;
      if (turn % 7 === 0) reply(response, 503, googleFailure(503, 'UNAVAILABLE'));
      else if (turn % 11 === 0) response.socket?.resetAndDestroy();
      else reply(response, 200, {});
    },
    async (proxied) => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 50 });
      const all = await Promise.all(Array.from({ length: 500 }, () => ask(proxied, { agent })));
      agent.destroy();
      assert.equal(new Set(all.map(({ status }) => status)), new Set([200]));
      assert.is((await proxied.recorded(500)).length, 500);
      assert.is(
        proxied.pool.list().reduce((sum, { inFlight }) => sum + inFlight, 0),
        0,
      );
      assert.equal(proxied.faults, []);
    },
  );
});

test.run();
