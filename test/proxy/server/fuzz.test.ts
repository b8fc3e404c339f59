/** Malformed HTTP from raw sockets: no crash, no hang, and never a second request smuggled to the upstream. */
import net from 'node:net';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pause } from '../../support/pause.js';
import { API_KEY, ask, GENERATE, reply, withProxy, type Proxied } from '../../support/proxy.js';

const KEY = `x-goog-api-key: ${API_KEY}\r\n`;
const SMUGGLED = `GET /smuggled HTTP/1.1\r\nHost: x\r\n${KEY}\r\n`;

/** Sends bytes, says that no more come, and reads until the proxy closes. */
function exchange({ host, port }: Proxied, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = net.connect({ host, port, allowHalfOpen: true });
    const hung = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end for ${JSON.stringify(bytes.toString('latin1').slice(0, 300))}`));
    }, 10_000);
    socket.on('data', (chunk) => (got += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(hung);
      resolve(got);
    });
    socket.on('end', () => socket.end());
    socket.end(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  });
}

const quick = { headersMs: 500, bodyIdleMs: 500 };
const withFuzzed = (use: (proxied: Proxied) => Promise<void>) =>
  withProxy(
    { accounts: [{ id: 'a1' }], timeouts: quick, proxy: { authMode: 'strict' } },
    (_call, response) => reply(response, 200, {}),
    use,
  );

/** Framings on which two servers could disagree about where a request ends. */
const shapes: Record<string, string> = {
  'length and coding': `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'coding and length': `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'two lengths': `Content-Length: 0\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  'lengths in a list': `Content-Length: 0, ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  'a signed length': `Content-Length: +${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  'a hexadecimal length': `Content-Length: 0x10\r\n\r\n${SMUGGLED}`,
  'another coding': `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'a coding before chunked': `Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'chunked twice': `Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'a space before the colon': `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'a folded header': `X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'a bare line feed': `Content-Length: 0\n\n${SMUGGLED}`,
  'a bare carriage return': `X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'a NUL in a header': `X: a\0b\r\nContent-Length: 0\r\n\r\n${SMUGGLED}`,
  'a bad chunk size': `Transfer-Encoding: chunked\r\n\r\nzz\r\n${SMUGGLED}`,
  'a chunk size with an overflow': `Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${SMUGGLED}`,
  'a chunk longer than it says': `Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n${SMUGGLED}`,
};

for (const [name, rest] of Object.entries(shapes)) {
  test(`nothing is smuggled by ${name}`, () =>
    withFuzzed(async (proxied) => {
      const got = await exchange(proxied, `POST ${GENERATE} HTTP/1.1\r\nHost: x\r\n${KEY}${rest}`);
      assert.match(got, /^HTTP\/1\.1 (4|5)\d\d/);
      assert.equal(
        proxied.upstream.calls.filter(({ url }) => url.includes('smuggled')).map(({ url }) => url),
        [],
      );
      assert.is((await ask(proxied)).status, 200);
      assert.equal(proxied.faults, []);
    }));
}

test('nothing behind chunks from a client of HTTP/1.0 is taken for a request, whatever the answer', () =>
  withFuzzed(async (proxied) => {
    for (const path of [GENERATE, '/healthz']) {
      const start = `POST ${path} HTTP/1.0\r\nHost: x\r\n${KEY}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const got = await exchange(proxied, `${start}0\r\n\r\n${SMUGGLED}`);
      assert.match(got, /^HTTP\/1\.1 400 (?!.*HTTP\/1\.1 \d)/s);
    }
    assert.equal(proxied.upstream.calls, []);
  }));

test('a request for two hosts is refused', () =>
  withFuzzed(async (proxied) => {
    const got = await exchange(proxied, `GET /v1beta/models HTTP/1.1\r\nHost: x\r\nhost: y\r\n${KEY}\r\n${SMUGGLED}`);
    assert.match(got, /^HTTP\/1\.1 400 (?!.*HTTP\/1\.1 \d).*more than one Host/s);
    assert.equal(proxied.upstream.calls, []);
  }));

test('a header block without end, and headers too large, are refused', () =>
  withFuzzed(async (proxied) => {
    const large = await exchange(
      proxied,
      `GET / HTTP/1.1\r\nHost: x\r\n${`X-A: ${'a'.repeat(900)}\r\n`.repeat(40)}\r\n`,
    );
    assert.match(large, /^HTTP\/1\.1 431/);
    await exchange(proxied, `GET / HTTP/1.1\r\nHost: x\r\nX: `);
    assert.is((await ask(proxied)).status, 200);
  }));

test('no answer lets a web page of another origin read it', () =>
  withFuzzed(async (proxied) => {
    const headers = { 'x-goog-api-key': API_KEY, origin: 'https://evil.example' };
    const got = await ask(proxied, { headers });
    assert.is(got.headers['access-control-allow-origin'], undefined);
  }));

test('whatever bytes come, it neither crashes nor hangs nor sends on what it did not understand', () =>
  withFuzzed(async (proxied) => {
    const line = fc.constantFrom(
      ...[`POST ${GENERATE} HTTP/1.1\r\n`, 'GET /healthz HTTP/1.1\r\n', 'GET * HTTP/1.1\r\n', 'OPTIONS * HTTP/9.9\r\n'],
      ...[
        'CONNECT evil:443 HTTP/1.1\r\n',
        'GET http://evil/ HTTP/1.0\r\n',
        '\r\n\r\n',
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      ],
    );
    const header = fc.constantFrom(
      ...['Host: x\r\n', KEY, 'Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', 'Connection: upgrade\r\n'],
      ...[
        'Upgrade: websocket\r\n',
        'Expect: 100-continue\r\n',
        'Content-Length: -1\r\n',
        ': empty\r\n',
        'Trailer: x\r\n',
      ],
    );
    const garbage = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    const request = fc
      .tuple(
        line,
        fc.array(fc.oneof({ weight: 8, arbitrary: header }, garbage), { maxLength: 6 }),
        fc.boolean(),
        garbage,
      )
      .map(([first, headers, ends, body]) => first + headers.join('') + (ends ? '\r\n' : '') + body);
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 3 }), async (requests) => {
        await exchange(proxied, requests.join(''));
      }),
      { numRuns: 300 },
    );
    assert.equal(proxied.faults, []);
    // of a connection that its client has closed the server may hear a moment later
    for (let looks = 0; proxied.server.inFlight() > 0 && looks < 1_000; looks++) await pause(5);
    assert.is(proxied.server.inFlight(), 0);
    assert.is((await ask(proxied)).status, 200);
  }));

test.run();
