/** What clients may send on a connection that is no plain request of HTTP/1.1, and how many of them. */
import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Connections, mostConnections } from '../../../../src/proxy/server/listener/connections.js';
import { API_KEY, ask, GENERATE, type Proxied, RawClient, reply, withProxy } from '../../../support/proxy.js';

const KEY = `x-goog-api-key: ${API_KEY}\r\n`;
const MODELS = `GET /v1beta/models HTTP/1.1\r\nHost: x\r\n${KEY}`;
const serving = (use: (proxied: Proxied) => Promise<void>) =>
  withProxy({ proxy: { authMode: 'strict' } }, (_call, response) => reply(response, 200, { ok: true }), use);

async function answerTo(proxied: Proxied, bytes: string): Promise<string> {
  return new RawClient(proxied).write(bytes).closed();
}

test('HTTP/2 with prior knowledge is told so, in HTTP/1.1, and has a line in the log', async () => {
  await serving(async (proxied) => {
    const answer = await answerTo(proxied, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
    assert.match(answer, /^HTTP\/1\.1 505 HTTP Version Not Supported\r\n/);
    assert.match(answer, 'HTTP/1.1 on this port');
    const { method, status, ip } = await proxied.firstRecord();
    assert.equal([method, status, ip], ['PRI', 505, '127.0.0.1']);
    assert.equal(proxied.kinds, ['traffic'], "a monitor's probe has no line at the usual level");
  });
});

test('TRACE and CONNECT get 405, each with a line, and go nowhere', async () => {
  await serving(async (proxied) => {
    const trace = await answerTo(
      proxied,
      `TRACE /v1beta/models HTTP/1.1\r\nHost: x\r\n${KEY}Connection: close\r\n\r\n`,
    );
    const connect = await answerTo(proxied, `CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n${KEY}\r\n`);
    for (const answer of [trace, connect]) {
      assert.match(answer, /^HTTP\/1\.1 405 /);
      assert.match(answer, /\r\nAllow: GET, HEAD, POST/);
    }
    const records = await proxied.recorded(2);
    assert.equal(
      records.map(({ method, status }) => [method, status]),
      [
        ['TRACE', 405],
        ['CONNECT', 405],
      ],
    );
    assert.is(proxied.upstream.calls.length, 0);
  });
});

test('so they do whoever asks, without a key too', async () => {
  await serving(async (proxied) => {
    const connect = 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n';
    const trace = 'TRACE / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n';
    for (const asked of [connect, trace]) assert.match(await answerTo(proxied, asked), /^HTTP\/1\.1 405 /);
  });
});

test('2,000 headers pass, one more is 431, and none is left out in silence', async () => {
  await serving(async (proxied) => {
    const body = '{"contents":[]}';
    const send = (count: number): Promise<string> =>
      answerTo(
        proxied,
        `POST ${GENERATE} HTTP/1.1\r\nHost: x\r\n${KEY}Connection: close\r\n${'a:\r\n'.repeat(count - 4)}Content-Length: ${body.length}\r\n\r\n${body}`,
      );
    assert.match(await send(2_000), /^HTTP\/1\.1 200 /);
    assert.is(proxied.upstream.call(0).body.toString(), body);
    assert.match(await send(2_001), /^HTTP\/1\.1 431 /);
    assert.is(proxied.upstream.calls.length, 1);
  });
});

test('a 401 ends its connection, after the client had time to send what it sends', async () => {
  await serving(async (proxied) => {
    const answer = await answerTo(proxied, `${MODELS.replace(KEY, '')}\r\n${MODELS}\r\n`);
    assert.match(answer, /^HTTP\/1\.1 401 .*\r\nConnection: close\r\n/s);
    assert.is(answer.split('HTTP/1.1').length, 2, 'nothing behind it is read');
    const upload = await ask(proxied, { headers: { 'x-api-key': 'wrong' }, body: Buffer.alloc(8_000_000, 'a') });
    assert.equal([upload.status, upload.broken], [401, false]);
  });
});

test('a request behind an Upgrade that nobody knows is not lost, nor is a body', async () => {
  await serving(async (proxied) => {
    const h2c = `Connection: Upgrade, HTTP2-Settings, X-Hop\r\nX-Hop: 1\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n`;
    const post = `POST ${GENERATE} HTTP/1.1\r\nHost: x\r\n${KEY}${h2c}Content-Length: 2\r\n\r\n{}`;
    const last = MODELS + 'Connection: close\r\n\r\n';
    const answer = await answerTo(proxied, `${MODELS}\r\n${MODELS}${h2c}\r\n${post}${last}`);
    assert.is(answer.split('HTTP/1.1 200 ').length - 1, 4);
    assert.equal(
      proxied.upstream.calls.map(({ method, body, headers }) => [
        method,
        body.toString(),
        headers.upgrade,
        headers['x-hop'],
      ]),
      [
        ['GET', '', undefined, undefined],
        ['GET', '', undefined, undefined],
        ['POST', '{}', undefined, undefined],
        ['GET', '', undefined, undefined],
      ],
    );
  });
});

test('a client that has sent its request and closed its side still gets all of its answer, a stream too', async () => {
  const piece = (text: string, finishReason?: string): string =>
    `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason }] })}\n\n`;
  const pieces = [piece('one'), piece('two'), piece('three', 'STOP')];
  await withProxy(
    { proxy: { authMode: 'strict' }, accounts: [{ id: 'a1' }, { id: 'b2' }] },
    (call, response) => {
      const next = (at: number): void => {
        if (at === pieces.length) response.end();
        else response.write(pieces[at], () => setTimeout(() => next(at + 1), 20));
      };
      if (call.account === 'a1' && call.url.includes('generateContent')) reply(response, 503, {});
      else if (!call.url.includes('stream')) setTimeout(() => reply(response, 200, { ok: true }), 20);
      else {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        next(0);
      }
    },
    async (proxied) => {
      const body = '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}';
      const stream = GENERATE.replace(':generate', ':streamGenerate');
      const post = (path: string, of = body): string =>
        `POST ${path} HTTP/1.1\r\nHost: x\r\n${KEY}Content-Type: application/json\r\nContent-Length: ${of.length}\r\n\r\n${of}`;
      const half = async (bytes: string): Promise<string> => {
        const socket = net.connect({ port: proxied.port, host: proxied.host, allowHalfOpen: true });
        let got = '';
        socket.setEncoding('latin1').on('data', (text: string) => (got += text));
        socket.end(bytes);
        await new Promise((resolve) => socket.once('end', resolve));
        return got;
      };
      assert.match(await half(`${MODELS}\r\n`), /^HTTP\/1\.1 200 [^]*\{"ok":true\}(?:\r\n0\r\n\r\n)?$/);
      assert.match(
        await half(post(GENERATE)),
        /^HTTP\/1\.1 200 [^]*\{"ok":true\}(?:\r\n0\r\n\r\n)?$/,
        'over another account',
      );
      const streamed = await half(post(`${stream}?alt=sse`));
      assert.match(streamed, /\r\nX-Accel-Buffering: no\r\n/);
      for (const part of [...pieces, '\r\n0\r\n\r\n']) assert.match(streamed, part);
      const chat = '{"model":"gemini-3-flash","messages":[{"role":"user","content":"hi"}],"stream":true}';
      assert.match(
        await half(post('/v1/chat/completions', chat)),
        /^HTTP\/1\.1 200 [^]*data: \[DONE\][^]*\r\n0\r\n\r\n$/,
      );
      assert.ok((await proxied.recorded(4)).every(({ status }) => status === 200));
    },
  );
});

test('a WebSocket where none is served gets 501', async () => {
  await serving(async (proxied) => {
    const asking = `${MODELS}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
    assert.match(await answerTo(proxied, asking), /^HTTP\/1\.1 501 /);
    assert.is(proxied.upstream.calls.length, 0);
  });
});

test('at most 64 requests wait on a connection; with more of them it is closed', async () => {
  const held: (() => void)[] = [];
  await withProxy(
    { proxy: { authMode: 'off' } },
    (_call, response) => held.push(() => reply(response, 200, {})),
    async (proxied) => {
      const request = 'GET /v1beta/models HTTP/1.1\r\nHost: localhost\r\n\r\n';
      const patient = new RawClient(proxied).write(request.repeat(65));
      const greedy = new RawClient(proxied).write(request.repeat(66));
      await greedy.closed();
      assert.not(patient.ended);
      const answers = patient.until(/(?:HTTP\/1\.1 200 OK\r\n(?:(?!HTTP\/1)[^])*){65}/);
      const goOn = setInterval(() => held.splice(0).forEach((answer) => answer()), 1);
      await answers;
      clearInterval(goOn);
      patient.destroy();
    },
  );
});

test('a megabyte of requests on one connection holds up nobody else', async () => {
  await withProxy(
    { proxy: { authMode: 'off' } },
    () => undefined,
    async (proxied) => {
      const request = 'GET /v1beta/models HTTP/1.1\r\nHost: localhost\r\n\r\n';
      const began = process.cpuUsage();
      await new RawClient(proxied).write(request.repeat(Math.ceil(1_400_000 / request.length))).closed();
      const { user, system } = process.cpuUsage(began);
      assert.ok(user + system < 1_000_000, `${user + system} µs`);
    },
  );
});

test('connections leave a reserve of descriptors, and room for one to the upstream each', () => {
  assert.equal([64, 256, 1_024, 20_000, Infinity].map(mostConnections), [16, 96, 480, 8_192, 8_192]);
});

test('of too many connections the oldest idle one without a key goes first, then the oldest idle one, never a busy one', () => {
  const gone: string[] = [];
  const made = (name: string, busy = false) =>
    ({ _httpMessage: busy ? {} : null, once: () => undefined, destroy: () => gone.push(name) }) as never;
  const connections = new Connections(3);
  const [busy, keyed, idle] = [made('busy', true), made('keyed'), made('idle')];
  for (const socket of [busy, keyed, idle]) connections.add(socket);
  connections.noteKey(keyed);
  connections.add(made('fourth', true));
  assert.equal(gone, ['idle']);
  const all = new Connections(2);
  const first = made('first');
  all.add(first);
  all.noteKey(first);
  all.add(busy);
  all.add(made('third', true));
  assert.equal(gone, ['idle', 'first']);
  const full = new Connections(1);
  full.add(busy);
  full.add(made('newest'));
  assert.equal(gone, ['idle', 'first', 'newest']);
});

test.run();
