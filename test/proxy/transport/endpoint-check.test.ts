/** What `regrant doctor` sees of an endpoint, on the way that requests go. */
import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reachOf } from '../../../src/proxy/transport/endpoint-check.js';
import { answering, listening, type UpstreamCall, withUpstream } from '../../support/proxy.js';
import { withTunnel } from '../../support/tunnel.js';

const NOW = Date.UTC(2026, 10, 23, 2, 30);
const now = (): number => NOW;

async function withServer(use: (url: string, calls: readonly UpstreamCall[]) => Promise<void>): Promise<void> {
  const calls: UpstreamCall[] = [];
  const listener = answering(calls, (_call, response) => {
    response.sendDate = false;
    response.writeHead(404, { date: new Date(NOW - 7_000).toUTCString() }).end();
  });
  await withUpstream(listener, ({ url }) => use(url, calls), calls);
}

test('any answer means that it can be reached; its clock is compared, and no credential is sent', () =>
  withServer(async (url, calls) => {
    const reach = await reachOf(`${url}/token?x=1`, () => null, now);
    assert.equal(reach, { url, ok: true, tookMs: 0, text: 'answers 404', advice: null, clockAheadMs: 6_500 });
    assert.equal(
      calls.map(({ method, url: path, headers }) => [method, path, headers.authorization]),
      [['HEAD', '/', undefined]],
    );
  }));

test('through the outbound proxy it goes as requests do, by a tunnel, and says so without the password', () =>
  withServer((url) =>
    withTunnel(200, async (proxy, asked) => {
      const reach = await reachOf(url, () => new URL(proxy), now);
      assert.equal([reach.ok, reach.text], [true, `answers 404 through ${new URL(proxy).host}`]);
      assert.equal(asked, [`${new URL(url).host} Basic ${Buffer.from('user:p@ss').toString('base64')}`]);
    }),
  ));

test('an outbound proxy that refuses is named with its status', () =>
  withTunnel(407, async (proxy) => {
    const reach = await reachOf('https://oauth2.example/token', () => new URL(proxy), now);
    assert.equal(
      [reach.url, reach.ok, reach.text, reach.clockAheadMs],
      ['https://oauth2.example', false, `the outbound proxy answered 407 through ${new URL(proxy).host}`, null],
    );
  }));

test('what cannot be reached is said in words, with the proxy or without', async () => {
  const server = net.createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  const url = `http://127.0.0.1:${port}`;
  assert.is((await reachOf(url, () => null, now)).text, 'connection refused');
  const through = await reachOf('http://upstream.example', () => new URL(url), now);
  assert.is(through.text, `connection refused through 127.0.0.1:${port}`);
});

test.run();
