/** Live sessions: WebSockets through the proxy, to an account like any request. */
import { GoogleGenAI, type LiveServerMessage, Modality } from '@google/genai';
import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setClock } from '../../support/clock.js';
import { CONSTRAINED, LIVE, LiveClient, refusedWith, withLive } from '../../support/live.js';
import { API_KEY, ask, nth, RawClient } from '../../support/proxy.js';

const two = { accounts: [{ id: 'a1' }, { id: 'b2' }] };
const accountOf = (authorization: string | undefined): string => (authorization ?? '').replace('Bearer ya29.live-', '');

test("Google's own SDK opens a session, speaks and hears, and its line tells all of it", async () => {
  await withLive({}, async (service, proxied) => {
    service.session = (socket) =>
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as Record<string, unknown>;
        if ('setup' in message) socket.send(JSON.stringify({ setupComplete: {} }));
        else {
          socket.send(JSON.stringify({ serverContent: { modelTurn: { parts: [{ text: 'hello' }] } } }));
          socket.send(
            JSON.stringify({ serverContent: { turnComplete: true }, usageMetadata: { totalTokenCount: 21 } }),
          );
        }
      });
    const heard: LiveServerMessage[] = [];
    let tell: () => void = () => undefined;
    const sdk = new GoogleGenAI({ apiKey: API_KEY, httpOptions: { baseUrl: proxied.url } });
    const session = await sdk.live.connect({
      model: 'gemini-live-2.5',
      config: { responseModalities: [Modality.TEXT] },
      callbacks: {
        onmessage: (message) => {
          heard.push(message);
          tell();
        },
      },
    });
    const turn = async (): Promise<void> => {
      const done = new Promise<void>((resolve) => {
        tell = () => {
          if (heard.at(-1)?.serverContent?.turnComplete === true) resolve();
        };
      });
      session.sendClientContent({ turns: 'hi', turnComplete: true });
      await done;
    };
    await turn();
    await turn();
    session.close();
    const record = await proxied.firstRecord();
    assert.equal(
      [record.status, record.account, record.model, record.tokens, record.tries],
      [101, 'a1@example.com', 'gemini-live-2.5', 42, 1],
    );
    assert.ok(record.bytes > 100);
    assert.not.match(record.path, API_KEY);
    const { headers, url = '' } = nth(service.asked, 0);
    assert.is(headers.authorization, 'Bearer ya29.live-a1');
    assert.is(headers['x-goog-api-key'], undefined);
    assert.not.match(url, 'key');
    assert.is(proxied.server.inFlight(), 0);
  });
});

test('the key is taken from a header, the query, access_token or the subprotocol, and goes no further', async () => {
  await withLive({}, async (service, proxied) => {
    const ways: readonly (readonly [string, Record<string, string>, string[]])[] = [
      [LIVE, { 'x-goog-api-key': API_KEY }, []],
      [LIVE, { authorization: `Bearer ${API_KEY}` }, []],
      [`${LIVE}?key=${API_KEY}&alt=x`, {}, []],
      [`/${LIVE}?access_token=${API_KEY}`, {}, []],
      [LIVE, {}, [`regrant-key.${API_KEY}`]],
    ];
    for (const [path, headers, protocols] of ways) {
      const client = new LiveClient(proxied, path, headers, protocols);
      await client.opened;
      assert.is(client.socket.protocol, protocols[0] ?? '');
      client.socket.send('one');
      assert.equal(await client.received(1), ['one']);
      client.socket.close();
      await client.closed;
    }
    assert.is(service.asked.length, ways.length);
    for (const { url, rawHeaders, headers } of service.asked) {
      assert.not.match(`${url ?? ''} ${rawHeaders.join(' ')}`, API_KEY);
      assert.is(headers.authorization, 'Bearer ya29.live-a1');
      assert.match(url ?? '', /^\/ws\//);
    }
    for (const headers of [{}, { 'x-api-key': 'wrong' }] as Record<string, string>[]) {
      assert.is(await refusedWith(new LiveClient(proxied, LIVE, headers)), 401);
    }
    assert.is(service.asked.length, ways.length);
  });
});

test('pings, binary messages, close codes and reasons go through both ways', async () => {
  await withLive({}, async (service, proxied) => {
    const client = new LiveClient(proxied);
    await client.opened;
    const pong = new Promise<string>((resolve) => client.socket.once('pong', (data) => resolve(data.toString())));
    client.socket.ping('are you there');
    assert.is(await pong, 'are you there');
    client.socket.send(Buffer.alloc(300_000, 7));
    assert.is((await client.received(1))[0]?.length, 300_000);
    const ended = new Promise<unknown>((resolve) =>
      service.sockets[0]?.once('close', (code, reason) => resolve([code, reason.toString()])),
    );
    client.socket.close(4_321, 'of the client');
    assert.equal(await ended, [4_321, 'of the client']);
    const other = new LiveClient(proxied);
    await other.opened;
    service.sockets[1]?.close(1_008, 'of the service');
    assert.equal(await other.closed, { code: 1_008, reason: 'of the service' });
    await proxied.recorded(2);
  });
});

test('an account that refuses is left for the next, until one has said 101', async () => {
  await withLive(two, async (service, proxied) => {
    service.refuses = ({ headers }) => (accountOf(headers.authorization) === 'a1' ? { status: 429 } : null);
    const client = new LiveClient(proxied);
    await client.opened;
    client.socket.close();
    const record = await proxied.firstRecord();
    assert.equal([record.account, record.tries, record.status], ['b2@example.com', 2, 101]);
    assert.equal(record.left.length, 1);
  });
});

test('what all refuse is answered as HTTP, as the upstream said it', async () => {
  await withLive({}, async (service, proxied) => {
    service.refuses = () => ({ status: 404, body: '{"error":{"code":404}}' });
    assert.is(await refusedWith(new LiveClient(proxied)), 404);
    assert.is((await proxied.firstRecord()).status, 404);
  });
});

test('an ephemeral token that was made through the proxy opens a session without a key and goes on as it is; another is 401', async () => {
  await withLive(two, async (service, proxied) => {
    const made = await ask(proxied, { path: '/v1alpha/auth_tokens', body: '{"uses":1}' });
    const { name } = JSON.parse(made.text) as { name: string };
    for (const [path, headers] of [
      [`${CONSTRAINED}?access_token=${name}`, {}],
      [`${CONSTRAINED}?access_token=${encodeURIComponent(name)}`, {}],
      [CONSTRAINED, { authorization: `Token ${name}` }],
    ] as const) {
      const client = new LiveClient(proxied, path, headers);
      await client.opened;
      client.socket.close();
      await client.closed;
    }
    for (const { url, headers } of service.asked) {
      assert.is(new URL(url ?? '', 'http://x').searchParams.get('access_token'), name);
      assert.is(headers.authorization, undefined);
      assert.is(headers['x-goog-user-project'], undefined);
    }
    const projects = new Set((await proxied.recorded(4)).map(({ account }) => account));
    assert.is(projects.size, 1, 'all of them on the project that made it');
    assert.is(await refusedWith(new LiveClient(proxied, `${CONSTRAINED}?access_token=auth_tokens/other`, {})), 401);
    assert.not.match(JSON.stringify(proxied.state.resources), name);
  });
});

test('a session lives on when its account is refused, and the next goes elsewhere', async () => {
  await withLive(two, async (service, proxied) => {
    const first = new LiveClient(proxied);
    await first.opened;
    const validation = { error: { code: 403, details: [{ reason: 'VALIDATION_REQUIRED' }] } };
    service.refuses = ({ headers }) =>
      accountOf(headers.authorization) === 'a1' ? { status: 403, body: JSON.stringify(validation) } : null;
    for (let times = 0; times < 2; times++) {
      const next = new LiveClient(proxied);
      await next.opened;
      next.socket.close();
      await next.closed;
    }
    first.socket.send('still here');
    assert.equal(await first.received(1), ['still here']);
    first.socket.close();
    assert.equal(
      (await proxied.recorded(3)).map(({ account }) => account),
      ['b2@example.com', 'b2@example.com', 'a1@example.com'],
    );
  });
});

test('a stop tells each client 1012, between two frames', async () => {
  await withLive({}, async (service, proxied) => {
    const [idle, busy] = [new LiveClient(proxied), new LiveClient(proxied)];
    await Promise.all([idle.opened, busy.opened]);
    assert.is(proxied.server.inFlight(), 2);
    const drained = proxied.server.drain(5_000);
    assert.equal(await idle.closed, { code: 1_012, reason: 'regrant restarts' });
    assert.equal(await busy.closed, { code: 1_012, reason: 'regrant restarts' });
    await drained;
    assert.is(service.sockets.length, 2);
    assert.is(
      (await proxied.recorded(2)).every(({ status }) => status === 101),
      true,
    );
  });
});

test('a client that does not read holds its upstream up, and nothing grows', async () => {
  await withLive({}, async (service, proxied) => {
    const SENT = 64_000_000;
    service.session = (socket) => {
      socket.send(Buffer.alloc(SENT));
    };
    const raw = new RawClient(proxied);
    raw.write(
      `GET ${LIVE}?key=${API_KEY} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    await raw.until(/^HTTP\/1\.1 101 [^]*Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i);
    raw.pause();
    const waiting = (): number => service.sockets[0]?.bufferedAmount ?? 0;
    let before = -1;
    while (waiting() !== before) {
      before = waiting();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.ok(before > SENT / 2, `${before} of ${SENT} wait at the upstream`);
    raw.destroy();
    await proxied.recorded(1);
  });
});

test('nothing for ten minutes ends a session with 1001', async () => {
  const clock = setClock();
  await withLive({ clock, timeouts: { idleMs: 5_000 } }, async (_service, proxied) => {
    const client = new LiveClient(proxied);
    await client.opened;
    for (let second = 0; second < 8; second++) clock.advance(1_000);
    assert.is((await client.closed).code, 1_001);
  });
});

test('what cannot be relayed is 501, not a GET', async () => {
  const upgrade = (path: string, protocol: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: x\r\nx-api-key: ${API_KEY}\r\nConnection: Upgrade, close\r\nUpgrade: ${protocol}\r\n\r\n`;
  for (const kind of ['gemini', 'cloudcode'] as const) {
    await withLive({ kind }, async (service, proxied) => {
      for (const [path, protocol] of [
        [kind === 'cloudcode' ? LIVE : '/v1beta/models', 'websocket'],
        [LIVE, 'h2c'],
      ] as const) {
        const answer = await new RawClient(proxied).write(upgrade(path, protocol)).closed();
        assert.match(answer, /^HTTP\/1\.1 501 /, `${kind} ${path} ${protocol}`);
      }
      assert.is(service.asked.length, 0);
    });
  }
});

test('a client that closes its side before the upstream has said 101 leaves no session behind', async () => {
  await withLive({}, async (_service, proxied) => {
    const head = `GET ${LIVE}?key=${API_KEY} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
    const ways: readonly ((socket: net.Socket) => void)[] = [
      (socket) => socket.end(),
      (socket) => socket.destroy(),
      (socket) => socket.resetAndDestroy(),
    ];
    for (const leave of [...ways, ...ways]) {
      const socket = net.connect(proxied.port, proxied.host).on('error', () => undefined);
      socket.resume();
      await new Promise((written) => socket.write(head, written));
      leave(socket);
    }
    while (proxied.server.inFlight() > 0 || proxied.records.length < 4)
      await new Promise((then) => setTimeout(then, 5));
    assert.equal(proxied.faults, []);
  });
});

test('only a GET without a body opens a session; anything else is 501, and stays nowhere', async () => {
  await withLive({}, async (service, proxied) => {
    const websocket =
      'Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    for (const [method, rest] of [
      ['POST', 'Content-Length: 3\r\n\r\nabc'],
      ['POST', 'Content-Length: 0\r\n\r\n'],
      ['PUT', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
      ['GET', 'Content-Length: 3\r\n\r\nabc'],
      ['DELETE', '\r\n'],
    ] as const) {
      const head = `${method} ${LIVE}?key=${API_KEY} HTTP/1.1\r\nHost: x\r\n${websocket}${rest}`;
      assert.match(await new RawClient(proxied).write(head).closed(), /^HTTP\/1\.1 501 /, method);
    }
    while (proxied.server.inFlight() > 0) await new Promise((then) => setTimeout(then, 5));
    assert.is(service.asked.length, 0);
  });
});

test.run();
