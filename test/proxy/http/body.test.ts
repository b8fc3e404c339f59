import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ReplayBudget, RequestBody } from '../../../src/proxy/http/body.js';
import { setClock } from '../../support/clock.js';
import {
  API_KEY,
  ask,
  type Asked,
  callOf,
  GENERATE,
  googleFailure,
  listening,
  type Proxied,
  RawClient,
  reply,
  standsStill,
  withProxy,
  withRawUpstream,
} from '../../support/proxy.js';

const two = [{ id: 'a1' }, { id: 'b2' }];
const kilobytes = (n: number) => randomBytes(n * 1024);
const hash = (body: Buffer) => createHash('sha256').update(body).digest('hex');
const head = (...lines: string[]) =>
  [`POST ${GENERATE} HTTP/1.1`, 'Host: localhost', `x-api-key: ${API_KEY}`, ...lines, '', ''].join('\r\n');
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

/** A request whose body the test sends piece by piece. */
function open(
  proxied: Proxied,
  headers: http.OutgoingHttpHeaders = {},
): { request: http.ClientRequest; answer: Promise<http.IncomingMessage> } {
  const request = http.request({
    ...{ host: proxied.host, port: proxied.port, path: GENERATE, method: 'POST', agent: false },
    headers: { 'x-api-key': API_KEY, ...headers },
  });
  request.on('error', () => undefined);
  const answer = once(request, 'response').then(([response]) => response as http.IncomingMessage);
  answer.catch(() => undefined);
  return { request, answer };
}

for (const [what, size] of [
  ['in one buffer', 10],
  ['in chunks', 700],
] as const) {
  test(`a body kept ${what} reaches the next account by every byte`, async () => {
    const body = kilobytes(size);
    await withProxy(
      { accounts: two },
      (call, response) =>
        call.account === 'a1' ? reply(response, 503, googleFailure(503, 'UNAVAILABLE')) : reply(response, 200, {}),
      async (proxied) => {
        assert.is((await ask(proxied, { body })).status, 200);
        assert.equal(
          proxied.upstream.calls.map((call) => hash(call.body)),
          [hash(body), hash(body)],
        );
        assert.is(proxied.upstream.call(1).headers['content-length'], String(body.length));
        assert.is(proxied.upstream.call(1).headers['transfer-encoding'], undefined);
      },
    );
  });
}

test('a chunked body arrives whole and can be replayed', async () => {
  await withProxy(
    { accounts: two },
    (call, response) =>
      call.account === 'a1' ? reply(response, 429, googleFailure(429, 'RESOURCE_EXHAUSTED')) : reply(response, 200, {}),
    async (proxied) => {
      const client = new RawClient(proxied);
      client.write(
        head('Transfer-Encoding: chunked', 'Connection: close') + chunk('{"contents":') + chunk('[]}') + '0\r\n\r\n',
      );
      assert.match(await client.closed(), /^HTTP\/1\.1 200 /);
      assert.equal(
        proxied.upstream.calls.map((call) => call.body.toString()),
        ['{"contents":[]}', '{"contents":[]}'],
      );
    },
  );
});

for (const [what, asked] of [
  ['a POST without a body', { body: '' }],
  ['a GET', { method: 'GET', path: '/v1beta/models' }],
  ['a DELETE', { method: 'DELETE', path: '/v1beta/files/x' }],
] as const satisfies readonly (readonly [string, Asked])[]) {
  test(`${what} arrives without one`, async () => {
    await withProxy(
      {},
      (_call, response) => reply(response, 200, {}),
      async (proxied) => {
        assert.is((await ask(proxied, asked)).status, 200);
        const call = proxied.upstream.call(0);
        assert.is(call.body.length, 0);
        assert.is(call.headers['transfer-encoding'], undefined);
        assert.is(call.headers['content-length'], 'method' in asked ? undefined : '0');
      },
    );
  });
}

test('a body of up to replayBytes is whole before an account is asked', async () => {
  await withProxy(
    {},
    (_call, response) => reply(response, 200, {}),
    async (proxied) => {
      const { request, answer } = open(proxied, { 'content-length': 6 });
      request.write('abc');
      await ask(proxied, { method: 'GET', path: '/v1beta/models' });
      assert.is(proxied.upstream.calls.length, 1);
      request.end('def');
      assert.is((await answer).statusCode, 200);
      assert.is(proxied.upstream.call(1).body.toString(), 'abcdef');
    },
  );
});

for (const framing of ['content-length', 'chunked'] as const) {
  test(`a body beyond replayBytes (${framing}) streams: the upstream has the beginning before the end is sent`, async () => {
    const [first, second] = [kilobytes(20), kilobytes(20)];
    let seen = 0;
    let arrived: () => void = () => undefined;
    const beginning = new Promise<void>((resolve) => (arrived = resolve));
    const digest = createHash('sha256');
    await withRawUpstream(
      { accounts: two, proxy: { replayBytes: 16 * 1024 } },
      (request, response) => {
        request.on('data', (bytes: Buffer) => {
          digest.update(bytes);
          seen += bytes.length;
          if (seen >= first.length) arrived();
        });
        request.on('end', () => reply(response, 200, { length: request.headers['content-length'] ?? null }));
      },
      async (proxied) => {
        const total = first.length + second.length;
        const { request, answer } = open(proxied, framing === 'chunked' ? {} : { 'content-length': total });
        request.write(first);
        await beginning;
        request.end(second);
        const response = await answer;
        const [body] = (await once(response, 'data')) as [Buffer];
        assert.equal(JSON.parse(body.toString()), { length: framing === 'chunked' ? null : String(total) });
        assert.is(seen, total);
        assert.is(digest.digest('hex'), hash(Buffer.concat([first, second])));
      },
    );
  });
}

test('a body that was streamed is not sent again: the client gets the answer of the one account', async () => {
  await withProxy(
    { accounts: two, proxy: { replayBytes: 1024 } },
    (_call, response) => reply(response, 503, googleFailure(503, 'UNAVAILABLE')),
    async (proxied) => {
      const got = await ask(proxied, { body: kilobytes(200) });
      assert.is(got.status, 503);
      assert.match(got.text, /simulated 503/);
      assert.is(proxied.upstream.calls.length, 1);
    },
  );
});

test('an upstream that refuses a large upload at its beginning leaves it whole for the next account', async () => {
  // More than is kept; and what is kept is more than the sockets on the way can swallow before the answer is seen.
  const body = kilobytes(30_000);
  const calls: string[] = [];
  await withRawUpstream(
    { accounts: two, proxy: { replayBytes: 24_000_000 } },
    (request, response) => {
      const { account } = callOf(request, Buffer.alloc(0));
      if (account === 'a1') {
        // Answers at the first byte and reads no more, as a front end does that looks at the token only.
        request.once('data', () => {
          request.pause();
          reply(response, 429, googleFailure(429, 'RESOURCE_EXHAUSTED'));
        });
        return;
      }
      const digest = createHash('sha256');
      request.on('data', (bytes: Buffer) => digest.update(bytes));
      request.on('end', () => {
        calls.push(digest.digest('hex'));
        reply(response, 200, {});
      });
    },
    async (proxied) => {
      const { request, answer } = open(proxied, { 'content-length': body.length });
      request.end(body);
      assert.is((await answer).statusCode, 200);
      assert.equal(calls, [hash(body)]);
    },
  );
});

for (const closes of [false, true]) {
  for (const [what, replayBytes, size] of [
    ['kept', 8_388_608, 100],
    ['kept', 8_388_608, 1_000],
    ['streamed', 65_536, 1_000],
    ['streamed', 65_536, 20_000],
  ] as const) {
    const then = closes ? 'closes' : 'reads on';
    test(`an upstream that answers within a ${what} upload of ${size} kB, and then ${then}, stalls nobody`, async () => {
      await withRawUpstream(
        { proxy: { replayBytes } },
        (_request, response) => {
          const headers = closes ? { connection: 'close' } : {};
          reply(response, 403, googleFailure(403, 'PERMISSION_DENIED'), headers);
        },
        async (proxied) => {
          const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
          const started = performance.now();
          for (let n = 0; n < 5; n++) {
            const { status } = await ask(proxied, { body: kilobytes(size), agent });
            // A connection closed over unread bytes may take the answer with it, as it does for a client without a proxy.
            assert.ok(status === 403 || (closes && status === 502), String(status));
          }
          const each = (performance.now() - started) / 5;
          // the stall was one of 2 s
          assert.ok(each < 1_500, `${each} ms`);
          assert.is((await ask(proxied, { method: 'GET', path: '/healthz', agent })).status, 200);
          agent.destroy();
          assert.is((await proxied.recorded(6)).length, 6);
          assert.is(proxied.pool.get('a1')?.inFlight, 0);
        },
      );
    });
  }
}

for (const [what, replayBytes] of [
  ['kept', 8_388_608],
  ['streamed', 65_536],
] as const) {
  test(`an upstream that answers within a ${what} upload and never reads the rest holds up nobody and leaks nothing`, async () => {
    const sockets = new Set<net.Socket>();
    const server = net.createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
      socket.once('data', () => {
        // Not a byte more of the upload is taken, and the connection is left open.
        socket.pause();
        socket.write('HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}');
      });
    });
    const baseUrls = [`http://127.0.0.1:${await listening(server)}`];
    try {
      await withProxy(
        { baseUrls, proxy: { replayBytes } },
        () => undefined,
        async (proxied) => {
          const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
          const started = performance.now();
          for (let n = 0; n < 3; n++) assert.is((await ask(proxied, { body: kilobytes(6_000), agent })).status, 400);
          assert.ok(performance.now() - started < 3_000, `${performance.now() - started} ms for three`);
          agent.destroy();
          assert.is((await proxied.recorded(3)).length, 3);
          assert.is(proxied.pool.get('a1')?.inFlight, 0);
          // A connection with half an upload on it is of no use to anybody.
          for (const socket of sockets) socket.resume();
          await standsStill(() => sockets.size);
          assert.is(sockets.size, 0);
        },
      );
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
}

test('a body over maxRequestBytes is 413 by its length, before it is sent and without an account', async () => {
  await withProxy(
    { proxy: { maxRequestBytes: 1_000 } },
    (_call, response) => reply(response, 200, {}),
    async (proxied) => {
      const got = await ask(proxied, { body: 'x'.repeat(1_001) });
      assert.is(got.status, 413);
      const { error } = JSON.parse(got.text) as { error: { code: number; message: string } };
      assert.is(error.code, 413);
      assert.match(error.message, /1000 bytes/);
      assert.is(proxied.upstream.calls.length, 0);
      assert.is((await ask(proxied, { body: 'x'.repeat(1_000) })).status, 200);
    },
  );
});

test('a chunked body over maxRequestBytes is 413 as soon as it is over, kept or streamed', async () => {
  for (const replayBytes of [0, 1_000_000]) {
    let broken = 0;
    await withRawUpstream(
      { proxy: { maxRequestBytes: 100_000, replayBytes } },
      (request) => {
        request.on('error', () => (broken += 1));
        request.resume();
      },
      async (proxied) => {
        const client = new RawClient(proxied);
        client.write(head('Transfer-Encoding: chunked', 'Connection: close'));
        for (let n = 0; n < 30; n++) client.write(chunk('x'.repeat(4_000)));
        assert.match(await client.until(/\r\n\r\n\{.*\}/s), /^HTTP\/1\.1 413 /);
        client.destroy();
        assert.is((await proxied.firstRecord()).status, 413);
        assert.is(proxied.pool.get('a1')?.errors, 0);
        assert.ok(broken <= 1);
      },
    );
  }
});

test('a long upload is no silence, as long as some of it goes out', async () => {
  const clock = setClock();
  let came: (text: string) => void = () => undefined;
  const next = (): Promise<string> => new Promise((resolve) => (came = resolve));
  await withRawUpstream(
    { clock, proxy: { replayBytes: 4 } },
    (request, response) => {
      request.on('data', (chunk: Buffer) => came(chunk.toString()));
      request.on('end', () => reply(response, 200, {}));
    },
    async (proxied) => {
      const client = new RawClient(proxied);
      client.write(head('Content-Length: 30', 'Connection: close'));
      for (const piece of ['0123456789', 'abcdefghij']) {
        const arrived = next();
        client.write(piece);
        assert.is(await arrived, piece);
        clock.advance(500_000);
      }
      client.write('ABCDEFGHIJ');
      assert.match(await client.closed(), /^HTTP\/1\.1 200 /);
    },
  );
});

test('a client that waits for 100 Continue is told to go on, or refused before it sends its body', async () => {
  await withProxy(
    { proxy: { maxRequestBytes: 1_000 } },
    (call, response) => reply(response, 200, { length: call.body.length }),
    async (proxied) => {
      const client = new RawClient(proxied);
      client.write(head('Content-Length: 5', 'Expect: 100-continue', 'Connection: close'));
      assert.is(await client.until(/\r\n\r\n/), 'HTTP/1.1 100 Continue\r\n\r\n');
      client.write('hello');
      assert.match(await client.closed(), /\{"length":5\}/);
      assert.is(proxied.upstream.call(0).headers.expect, undefined);

      const large = new RawClient(proxied);
      large.write(head('Content-Length: 5000', 'Expect: 100-continue'));
      assert.match(await large.closed(), /^HTTP\/1\.1 413 .*Connection: close/s);

      const stranger = new RawClient(proxied);
      stranger.write(head('Content-Length: 5', 'Expect: 100-continue').replace(API_KEY, 'wrong'));
      assert.match(await stranger.closed(), /^HTTP\/1\.1 401 /);

      const odd = new RawClient(proxied);
      odd.write(head('Content-Length: 5', 'Expect: miracles'));
      assert.match(await odd.closed(), /^HTTP\/1\.1 417 .*"code":417/s);
    },
  );
});

for (const [where, sent] of [
  ['within', 'half'],
  ['before', ''],
] as const) {
  test(`a client that pauses for too long ${where} its body gets 408`, async () => {
    await withProxy(
      { timeouts: { bodyIdleMs: 20 } },
      (_call, response) => reply(response, 200, {}),
      async (proxied) => {
        const client = new RawClient(proxied);
        client.write(head('Content-Length: 10') + sent);
        assert.match(await client.closed(), /^HTTP\/1\.1 408 .*"code":408/s);
        assert.is(proxied.upstream.calls.length, 0);
      },
    );
  });
}

test('a client that leaves within its upload costs nobody anything', async () => {
  let leave: () => void = () => undefined;
  let aborted: () => void = () => undefined;
  const upstreamAborted = new Promise<void>((resolve) => (aborted = resolve));
  await withRawUpstream(
    { proxy: { replayBytes: 1024 } },
    (request) => {
      request.on('error', () => aborted());
      request.resume();
      request.once('data', () => leave());
    },
    async (proxied) => {
      const { request } = open(proxied, { 'content-length': 1_000_000 });
      leave = () => request.destroy();
      request.write(kilobytes(100));
      await upstreamAborted;
      const record = await proxied.firstRecord();
      assert.is(record.status, 0);
      assert.is(proxied.pool.get('a1')?.inFlight, 0);
      assert.is(proxied.pool.get('a1')?.errors, 0);
      assert.equal(proxied.faults, []);
    },
  );
});

test('a slow upstream holds the client back instead of filling the memory', async () => {
  let go: () => void = () => undefined;
  const digest = createHash('sha256');
  await withRawUpstream(
    { proxy: { replayBytes: 1024 }, timeouts: { bodyIdleMs: 1_000 } },
    (request, response) => {
      go = () => request.resume();
      request.pause();
      request.on('data', (bytes: Buffer) => digest.update(bytes));
      request.on('end', () => reply(response, 200, {}));
      request.pause();
    },
    async (proxied) => {
      const { request, answer } = open(proxied, { 'content-length': 64 * 1_048_576 });
      const piece = kilobytes(1024);
      let sent = 0;
      const expected = createHash('sha256');
      const send = () => {
        while (sent < 64) {
          sent += 1;
          expected.update(piece);
          if (!request.write(piece)) return;
        }
        request.end();
      };
      request.on('drain', send);
      send();
      // Nothing moves any more once the buffers on the way are full.
      // Longer than a client may pause: it is the upstream that makes it wait.
      await standsStill(() => sent, 1_200);
      assert.ok(sent < 40, `${sent} MB were taken`);
      go();
      assert.is((await answer).statusCode, 200);
      assert.is(digest.digest('hex'), expected.digest('hex'));
    },
  );
});

for (const [what, replayBytes] of [
  ['kept', 33_554_432],
  ['streamed', 65_536],
] as const) {
  test(`an upstream that answers a ${what} upload early and never reads on neither holds its answer back nor stays`, async () => {
    const sockets = new Set<net.Socket>();
    const upstream = net.createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
      socket.once('data', () => {
        socket.pause();
        socket.write('HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}');
      });
    });
    const url = `http://127.0.0.1:${await listening(upstream)}`;
    const unasked = (): void => undefined;
    await withProxy({ baseUrls: [url], proxy: { replayBytes } }, unasked, async (proxied) => {
      const body = kilobytes(20_000);
      for (let n = 0; n < 3; n++) {
        const started = performance.now();
        const { request, answer } = open(proxied, { 'content-length': body.length });
        request.end(body);
        assert.is((await answer).statusCode, 403);
        assert.ok(performance.now() - started < 1_900, `${performance.now() - started} ms`);
        (await answer).resume();
        request.destroy();
      }
      await proxied.recorded(3);
      assert.is(proxied.pool.get('a1')?.inFlight, 0);
      // What is paused hears nothing of its end.
      for (const socket of sockets) socket.resume();
      await standsStill(() => sockets.size);
      assert.is(sockets.size, 0, 'a connection with half a request on it is of no more use');
    });
    upstream.close();
  });
}

test('all bodies together keep no more than the budget; what is beyond streams, and what ends gives its share back', async () => {
  const budget = new ReplayBudget(1_500_000);
  const limits = { maxBytes: 1e9, replayBytes: 1_000_000, budget, idleMs: 5_000 };
  const gathered: { body: RequestBody; whole: boolean }[] = [];
  const server = http.createServer((request) => {
    const length = Number(request.headers['content-length']);
    const body = new RequestBody(request, length, limits, true, () => undefined);
    body.gather(() => gathered.push({ body, whole: body.front()?.length === length }));
  });
  const port = await listening(server);
  const send = async (count: number): Promise<void> => {
    const request = http.request({ port, method: 'POST', agent: false });
    request.on('error', () => undefined);
    request.end(kilobytes(585));
    while (gathered.length < count) await new Promise(setImmediate);
  };
  for (let count = 1; count <= 3; count++) await send(count);
  assert.equal(
    gathered.map(({ whole }) => whole),
    [true, true, false],
  );
  gathered[0]?.body.abandon();
  gathered[2]?.body.abandon();
  await send(4);
  assert.is(gathered[3]?.whole, true);
  server.closeAllConnections();
  server.close();
});

test.run();
