import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Clock, systemClock } from '../../../src/store/ground/clock.js';
import { systemCode } from '../../../src/store/ground/errors.js';
import { setClock, type SetClock } from '../../support/clock.js';
import {
  API_KEY,
  ask,
  GENERATE,
  listening,
  type Proxied,
  RawClient,
  reply,
  standsStill,
  withProxy,
  withRawUpstream,
} from '../../support/proxy.js';

const STREAM = '/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse';
const hash = (body: Buffer) => createHash('sha256').update(body).digest('hex');

/** So long a head is held back for the beginning of its body, which may be an error. */
const HELD_MS = 10_000;

/** Lets that time pass once the proxy waits, which it does only after the upstream was asked. */
async function passHeld(clock: SetClock, asked: Promise<unknown>): Promise<void> {
  await asked;
  while (!clock.due.includes(clock.now() + HELD_MS)) await new Promise(setImmediate);
  clock.advance(HELD_MS);
}

/** A raw upstream that writes exactly these bytes for each request whose header is complete. */
async function withWire<T>(
  wire: string | Buffer,
  use: (proxied: Proxied, asked: Promise<unknown>) => Promise<T>,
  { then = 'keep', clock = systemClock }: { then?: 'keep' | 'end'; clock?: Clock } = {},
): Promise<T> {
  let heard = (): void => undefined;
  const asked = new Promise<void>((resolve) => (heard = resolve));
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      if (!bytes.includes('\r\n\r\n')) return;
      socket.write(wire);
      heard();
      if (then === 'end') socket.end();
    });
  });
  const port = await listening(server);
  try {
    const options = { clock, baseUrls: [`http://127.0.0.1:${port}`] };
    return await withProxy(
      options,
      () => undefined,
      (proxied) => use(proxied, asked),
    );
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

const get = { method: 'GET', path: '/v1beta/models', headers: { 'x-api-key': API_KEY } } as const;

test('each event of a stream reaches the client before the upstream sends the next', async () => {
  const order: string[] = [];
  const gates: (() => void)[] = [];
  const clock = setClock(Date.now());
  let heard = (): void => undefined;
  const asked = new Promise<void>((resolve) => (heard = resolve));
  await withProxy(
    { clock },
    (_call, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      let n = 0;
      const next = () => {
        n += 1;
        order.push(`sent ${n}`);
        if (n === 5) response.end(`data: {"n":${n},"usageMetadata":{"totalTokenCount":42}}\r\n\r\n`);
        else response.write(`data: {"n":${n}}\r\n\r\n`);
      };
      gates.push(next);
      response.flushHeaders();
      heard();
    },
    async (proxied) => {
      const request = http.request({
        ...{ host: proxied.host, port: proxied.port, path: STREAM, method: 'POST', agent: false },
        headers: { 'x-goog-api-key': API_KEY },
      });
      request.end('{}');
      // The head is here although no event was sent.
      const head = once(request, 'response') as Promise<[http.IncomingMessage]>;
      await passHeld(clock, asked);
      const [response] = await head;
      assert.is(response.headers['content-type'], 'text/event-stream');
      assert.equal(order, []);
      for (let n = 1; n <= 5; n++) {
        gates[0]?.();
        const [bytes] = (await once(response, 'data')) as [Buffer];
        order.push(`got ${/"n":(\d)/.exec(bytes.toString())?.[1] ?? ''}`);
      }
      assert.equal(
        order,
        [1, 2, 3, 4, 5].flatMap((n) => [`sent ${n}`, `got ${n}`]),
      );
      const record = await proxied.firstRecord();
      assert.is(record.stream, true);
      assert.is(record.tokens, 42);
      assert.ok(record.ttfbMs !== null && record.ttfbMs <= record.ms);
    },
  );
});

test('a head with a length is not held back until the body comes', async () => {
  const clock = setClock(Date.now());
  const wire = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n';
  const isNotHeld = async (proxied: Proxied, asked: Promise<unknown>): Promise<void> => {
    const client = new RawClient(proxied);
    client.write(`GET /v1beta/models?key=${API_KEY} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await passHeld(clock, asked);
    assert.match(await client.until(/\r\n\r\n/), /^HTTP\/1\.1 200 OK\r\ncontent-length: 5\r\n/);
    client.destroy();
    await proxied.recorded(1);
  };
  await withWire(wire, isNotHeld, { clock });
});

test('headers pass as they came: order, case, repetition, odd bytes, the reason too', async () => {
  const lines = [
    'Content-Type: application/json; charset=UTF-8',
    'X-ODD: caf\xe9 \xff "q" ;,',
    'Set-Cookie: a=1; Path=/',
    'x-empty:',
    'Set-Cookie: b=2',
    'Vary: Origin',
    'vary: X-Origin',
    'content-length: 2',
    'Date: Sun, 22 Nov 2026 15:00:00 GMT',
  ];
  const wire = `HTTP/1.1 218 This is fine\r\n${lines.join('\r\n')}\r\nConnection: X-Hop, keep-alive\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\n\r\nok`;
  await withWire(Buffer.from(wire, 'latin1'), async (proxied) => {
    const client = new RawClient(proxied);
    client.write(`GET /v1beta/models?key=${API_KEY} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const [head = '', body] = (await client.closed()).split('\r\n\r\n');
    assert.is(body, 'ok');
    const [status, ...got] = head.split('\r\n');
    assert.is(status, 'HTTP/1.1 218 This is fine');
    assert.equal(
      got.map((line) => line.trim()).filter((line) => !line.startsWith('x-regrant-request-id: ')),
      [...lines, 'Connection: close'],
    );
  });
});

test("a client's headers pass as they came", async () => {
  await withProxy(
    {},
    (_call, response) => reply(response, 200, {}),
    async (proxied) => {
      const client = new RawClient(proxied);
      const lines = [
        'X-Odd: caf\xe9 \xff',
        'accept-encoding: gzip, br',
        'X-Twice: 1',
        'x-goog-api-client: genai',
        'X-Twice: 2',
      ];
      client.write(
        Buffer.from(
          `GET /v1beta/files/caf%C3%A9?q=%E2%82%AC&alt=x HTTP/1.1\r\nHost: x\r\nx-api-key: ${API_KEY}\r\nConnection: close\r\n${lines.join('\r\n')}\r\n\r\n`,
          'latin1',
        ),
      );
      await client.closed();
      const call = proxied.upstream.call(0);
      assert.is(call.url, '/v1beta/files/caf%C3%A9?q=%E2%82%AC&alt=x');
      assert.is(call.headers.host, new URL(proxied.upstream.url).host);
      const sent: string[] = [];
      for (let at = 0; at < call.rawHeaders.length; at += 2)
        sent.push(`${call.rawHeaders[at] ?? ''}: ${call.rawHeaders[at + 1] ?? ''}`);
      assert.equal(
        sent.filter((line) => !/^(host|connection):/i.test(line)),
        [...lines, 'Authorization: Bearer ya29.live-a1', 'x-goog-user-project: project-a1'],
      );
    },
  );
});

test('a packed body passes untouched, by its hash', async () => {
  const body = gzipSync(randomBytes(3_000_000));
  await withProxy(
    {},
    (call, response) => {
      const chunked = call.url.includes('chunked');
      response.writeHead(200, { 'content-encoding': 'gzip', ...(chunked ? {} : { 'content-length': body.length }) });
      for (let at = 0; at < body.length; at += 100_000) response.write(body.subarray(at, at + 100_000));
      response.end();
    },
    async (proxied) => {
      for (const path of [GENERATE, `${GENERATE}?chunked`]) {
        const got = await ask(proxied, { path });
        assert.is(hash(got.body), hash(body));
        assert.is(got.headers['content-encoding'], 'gzip');
        assert.is(got.headers['content-length'], path === GENERATE ? String(body.length) : undefined);
      }
      const record = await proxied.firstRecord();
      assert.is(record.bytes, body.length);
    },
  );
});

test('answers without a body have none: HEAD, 204, 304, a length of 0', async () => {
  for (const [wire, method, status] of [
    ['HTTP/1.1 200 OK\r\ncontent-length: 1234\r\n\r\n', 'HEAD', 200],
    ['HTTP/1.1 204 No Content\r\n\r\n', 'GET', 204],
    ['HTTP/1.1 304 Not Modified\r\netag: "x"\r\n\r\n', 'GET', 304],
    // lengths of what a GET would have had, or of nothing at all
    ['HTTP/1.1 204 No Content\r\ncontent-length: 12\r\n\r\n', 'GET', 204],
    ['HTTP/1.1 304 Not Modified\r\ncontent-length: 1234\r\n\r\n', 'GET', 304],
    ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', 'GET', 200],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 'GET', 200],
  ] as const) {
    await withWire(wire, async (proxied) => {
      const got = await ask(proxied, { ...get, method });
      assert.is(got.status, status, wire);
      assert.is(got.body.length, 0);
      assert.is(got.broken, false);
      if (method === 'HEAD') assert.is(got.headers['content-length'], '1234');
      assert.is(proxied.pool.get('a1')?.inFlight, 0);
    });
  }
});

test('trailers that cannot follow are not announced, and the answer is the client’s all the same', async () => {
  const raw = 'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nContent-Length: 3\r\nX-Kept: 1\r\n\r\nabc';
  await withWire(raw, async (proxied) => {
    const got = await ask(proxied, get);
    assert.equal([got.status, got.text, got.headers.trailer, got.headers['x-kept']], [200, 'abc', undefined, '1']);
  });
});

test('an interim answer is not taken for the answer; trailers pass', async () => {
  const wire =
    'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n' +
    'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n';
  await withWire(wire, async (proxied) => {
    const got = await ask(proxied, get);
    assert.is(got.status, 200);
    assert.is(got.text, 'abc');
    assert.is(got.trailers['x-sum'], '7');
  });
});

test('an answer that ends with its connection is whole; a client of HTTP/1.0 gets it', async () => {
  await withWire(
    'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nuntil the end',
    async (proxied) => {
      assert.is((await ask(proxied, get)).text, 'until the end');
      const client = new RawClient(proxied);
      client.write(`GET /v1beta/models?key=${API_KEY} HTTP/1.0\r\n\r\n`);
      assert.match(await client.closed(), /^HTTP\/1\.1 200 OK\r\n(?!.*chunked).*\r\n\r\nuntil the end$/s);
    },
    { then: 'end' },
  );
});

for (const [what, wire, then] of [
  ['less than its length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this', 'end'],
  ['a chunked answer without its end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n', 'end'],
  ['a chunk that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n', 'keep'],
] as const) {
  test(`${what} reaches the client as a broken connection, and is counted apart`, async () => {
    await withWire(
      wire,
      async (proxied) => {
        const got = await ask(proxied, get);
        assert.is(got.broken, true);
        const record = await proxied.firstRecord();
        assert.is(record.status, 200);
        assert.match(record.left.join(), /^the answer broke off after \d+ bytes: /);
        assert.is(proxied.pool.get('a1')?.errors, 1);
        assert.is(proxied.pool.get('a1')?.inFlight, 0);
        assert.match(
          await proxied.metrics.text({ accounts: proxied.pool.counts(), inFlight: 0, unsaved: 0 }),
          /regrant_truncated_answers_total 1/,
        );
      },
      { then },
    );
  });
}

test('a client of HTTP/1.0, for whom an answer ends with its connection, can tell one that broke off', async () => {
  const wire = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n';
  await withWire(
    wire,
    async (proxied) => {
      const client = net.connect(proxied.port, proxied.host);
      const ended = once(client, 'end').then(
        () => 'whole',
        (error: unknown) => systemCode(error),
      );
      client.resume();
      client.write(`GET /v1beta/models?key=${API_KEY} HTTP/1.0\r\n\r\n`);
      assert.is(await ended, 'ECONNRESET');
      assert.is((await proxied.firstRecord()).bytes, 3);
    },
    { then: 'end' },
  );
});

test('what is no HTTP is 502, not a hang', async () => {
  await withWire('SSH-2.0-OpenSSH_9.2\r\n', async (proxied) => {
    const got = await ask(proxied, get);
    assert.is(got.status, 502);
    assert.match(got.text, /"status":"UNAVAILABLE"/);
  });
});

test('an answer that pauses for too long is cut', async () => {
  await withRawUpstream(
    { timeouts: { idleMs: 1 } },
    (request, response) => {
      request.resume();
      response.write('first');
    },
    async (proxied) => {
      const got = await ask(proxied);
      assert.is(got.text, 'first');
      assert.is(got.broken, true);
      assert.match((await proxied.firstRecord()).left.join(), /paused for too long/);
    },
  );
});

test('a client that leaves ends the exchange with the upstream', async () => {
  let aborted: () => void = () => undefined;
  const upstreamAborted = new Promise<void>((resolve) => (aborted = resolve));
  await withProxy(
    {},
    (_call, response) => {
      response.on('close', () => aborted());
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    },
    async (proxied) => {
      const client = new RawClient(proxied);
      client.write(`POST ${STREAM}&key=${API_KEY} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`);
      await client.until(/data: 1/);
      assert.is(proxied.pool.get('a1')?.inFlight, 1);
      assert.is(proxied.server.inFlight(), 1);
      client.destroy();
      await upstreamAborted;
      const record = await proxied.firstRecord();
      assert.is(record.status, 200);
      assert.equal(record.left, []);
      assert.is(proxied.pool.get('a1')?.inFlight, 0);
      assert.is(proxied.pool.get('a1')?.errors, 0);
      assert.is(proxied.server.inFlight(), 0);
    },
  );
});

test('a client that leaves before there is an answer ends the exchange too, with status 0', async () => {
  let arrived: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  let aborted: () => void = () => undefined;
  const upstreamAborted = new Promise<void>((resolve) => (aborted = resolve));
  await withProxy(
    { accounts: [{ id: 'a1' }, { id: 'b2' }] },
    (_call, response) => {
      response.on('close', () => aborted());
      arrived();
    },
    async (proxied) => {
      const client = new RawClient(proxied);
      client.write(`POST ${GENERATE}?key=${API_KEY} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`);
      await asked;
      client.destroy();
      await upstreamAborted;
      const record = await proxied.firstRecord();
      assert.is(record.status, 0);
      assert.is(record.account, null);
      assert.is(proxied.upstream.calls.length, 1);
      assert.equal(proxied.faults, []);
    },
  );
});

test('a slow client holds the upstream back instead of filling the memory, and gets every byte, however long it takes', async () => {
  const clock = setClock();
  const piece = randomBytes(1_048_576);
  const pieces = 64;
  let sent = 0;
  await withProxy(
    { clock },
    (_call, response) => {
      response.writeHead(200, { 'content-length': piece.length * pieces });
      const send = () => {
        while (sent < pieces) {
          sent += 1;
          if (!response.write(piece)) return;
        }
        response.end();
      };
      response.on('drain', send);
      send();
    },
    async (proxied) => {
      const request = http.request({
        ...{ host: proxied.host, port: proxied.port, path: GENERATE, method: 'POST', agent: false },
        headers: { 'x-api-key': API_KEY },
      });
      request.end('{}');
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      // Not read: everything stands still once the buffers on the way are full.
      await standsStill(() => sent);
      assert.ok(sent < 40, `${sent} MB were taken`);
      clock.advance(3_600_000);
      const digest = createHash('sha256');
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        digest.update(chunk);
        bytes += chunk.length;
      });
      await once(response, 'end');
      assert.is(bytes, piece.length * pieces);
      const whole = createHash('sha256');
      for (let n = 0; n < pieces; n++) whole.update(piece);
      assert.is(digest.digest('hex'), whole.digest('hex'));
    },
  );
});

test('chunks of every size pass byte for byte in one chunked answer, and the connection serves on', async () => {
  const pieces = [1, 100, 8_191, 8_192, 8_193, 70_000, 15, 16].map((size) => randomBytes(size));
  await withProxy(
    {},
    (_call, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const send = (at: number) => {
        const piece = pieces[at];
        if (piece === undefined) response.end();
        else response.write(piece, () => setImmediate(send, at + 1));
      };
      send(0);
    },
    async (proxied) => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      for (let n = 0; n < 2; n++) {
        const request = http.request({
          ...{ host: proxied.host, port: proxied.port, path: STREAM, method: 'POST', agent },
          headers: { 'x-goog-api-key': API_KEY },
        });
        request.end('{}');
        const [response] = (await once(request, 'response')) as [http.IncomingMessage];
        assert.is(response.headers['transfer-encoding'], 'chunked');
        const got: Buffer[] = [];
        for await (const chunk of response) got.push(chunk as Buffer);
        assert.is(hash(Buffer.concat(got)), hash(Buffer.concat(pieces)));
        assert.is((await proxied.recorded(n + 1))[n]?.bytes, Buffer.concat(pieces).length);
      }
      agent.destroy();
    },
  );
});

test('requests on one connection are answered in turn', async () => {
  await withProxy(
    {},
    (call, response) => reply(response, 200, { n: call.url.slice(-1) }),
    async (proxied) => {
      const client = new RawClient(proxied);
      const line = (n: number) => `GET /v1beta/models?n=${n} HTTP/1.1\r\nHost: x\r\nx-api-key: ${API_KEY}\r\n\r\n`;
      client.write(line(1) + line(2) + line(3));
      const text = await client.until(/"n":"3"/);
      assert.equal(
        [...text.matchAll(/"n":"(\d)"/g)].map(([, n]) => n),
        ['1', '2', '3'],
      );
      client.destroy();
    },
  );
});

test.run();
