/** The way to the upstream: base URLs in turn, and an outbound proxy. */
import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, listening, reply, withProxy } from '../../support/proxy.js';
import { withTunnel } from '../../support/tunnel.js';

const two = [{ id: 'a1' }, { id: 'b2' }];

for (const status of [404, 408, 500, 503]) {
  test(`a base URL that answers ${status} gives way to the next, with the same account`, async () => {
    await withProxy(
      { accounts: two },
      (_call, response) => reply(response, status, { from: 'first' }),
      async (first) => {
        await withProxy(
          { accounts: two },
          (_call, response) => reply(response, 200, { from: 'second' }),
          async (second) => {
            const baseUrls = [first.upstream.url, second.upstream.url];
            await withProxy(
              { accounts: two, baseUrls },
              () => undefined,
              async (proxied) => {
                const got = await ask(proxied);
                assert.equal([got.status, got.text], [200, '{"from":"second"}']);
                assert.is(first.upstream.call(0).account, second.upstream.call(0).account);
                assert.is((await proxied.firstRecord()).tries, 1);
              },
            );
          },
        );
      },
    );
  });
}

test('where no base URL knows the path, the last answer is the client’s', async () => {
  await withProxy(
    { accounts: [{ id: 'a1' }] },
    (_call, response) => reply(response, 404, { error: 'no such model' }),
    async (other) => {
      await withProxy(
        { accounts: [{ id: 'a1' }], baseUrls: [other.upstream.url, `${other.upstream.url}/b`] },
        () => undefined,
        async (proxied) => {
          const got = await ask(proxied);
          assert.equal([got.status, got.text], [404, '{"error":"no such model"}']);
          assert.is(other.upstream.calls.length, 2);
        },
      );
    },
  );
});

test('requests go through the outbound proxy of the settings, with its password', async () => {
  await withTunnel(200, async (proxy, asked) => {
    await withProxy(
      { accounts: two, network: { proxy, noProxy: '' } },
      (_call, response) => reply(response, 200, {}),
      async (proxied) => {
        for (let times = 0; times < 3; times++) assert.is((await ask(proxied)).status, 200);
        assert.is(proxied.upstream.calls.length, 3);
        const credentials = Buffer.from('user:p@ss').toString('base64');
        assert.equal(asked, [`${new URL(proxied.upstream.url).host} Basic ${credentials}`]);
      },
    );
  });
});

test('an outbound proxy that refuses is named as the trouble, with no password', async () => {
  await withTunnel(407, async (proxy) => {
    await withProxy(
      { accounts: two, network: { proxy, noProxy: '' } },
      (_call, response) => reply(response, 200, {}),
      async (proxied) => {
        const got = await ask(proxied);
        assert.is(got.status, 502);
        assert.match(got.text, /the outbound proxy answered 407/);
        assert.not.match(got.text, /p@ss|p%40ss/);
        assert.is(proxied.upstream.calls.length, 0);
      },
    );
  });
});

test('an upstream that is silent behind the tunnel is given up in time', async () => {
  const sockets = new Set<net.Socket>();
  const silent = net.createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  const port = await listening(silent);
  await withTunnel(200, async (proxy) => {
    await withProxy(
      {
        ...{ accounts: [{ id: 'a1' }], network: { proxy, noProxy: '' } },
        ...{ baseUrls: [`https://silent.example:${port}`], timeouts: { connectMs: 200 } },
      },
      () => undefined,
      async (proxied) => {
        const got = await ask(proxied);
        assert.is(got.status, 504);
        assert.match(got.text, /no connection in time/);
      },
    );
  });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});

test('an account whose token cannot stand in a header is left alone, and the next one serves', async () => {
  await withProxy(
    { accounts: [{ id: 'a1', accessToken: 'ya29.live\nx' }, { id: 'b2' }], proxy: { maxTries: 1 } },
    (_call, response) => reply(response, 200, {}),
    async (proxied) => {
      assert.is((await ask(proxied)).status, 200);
      const record = await proxied.firstRecord();
      assert.equal(record.left, ["a1: the account's access token or project cannot stand in a header"]);
      assert.equal([proxied.pool.counts().ready, proxied.pool.counts().cooling], [1, 1]);
    },
  );
});

test.run();
