/** Authorization servers and proxies that are not ours. */
import http, { type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { OAuth2Server } from 'oauth2-mock-server';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { invalidGrant } from '../support/google.js';
import { withHouse } from '../support/house.js';

const ann = { id: 'ann', email: 'johndoe@example.com', refreshToken: 'a-refresh-token-of-the-mock-server' };

test('oauth2-mock-server works as the authorization server: refresh, death, recovery', async () => {
  const server = new OAuth2Server();
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  let dead = false;
  server.service.on('beforeResponse', (response: { statusCode: number; body: unknown }) => {
    if (!dead) return;
    response.statusCode = 400;
    response.body = { error: 'invalid_grant', error_description: 'Token is not active' };
  });
  server.service.on('beforeUserinfo', (response: { body: unknown }) => {
    response.body = { sub: 'johndoe', email: ann.email };
  });
  const settings = { oauth: { tokenUrl: `${issuer}/token`, userInfoUrl: `${issuer}/userinfo` } };
  try {
    await withHouse({ accounts: [ann], settings }, async (house) => {
      house.google.upstream(() => ({ status: 200, body: {} }));
      assert.is((await house.ask()).status, 200);
      dead = true;
      const [result] = await house.supervisor.operations.testNow(['ann']);
      assert.is(result?.ok, false);
      assert.is((await house.dir.read('ann')).disabled_reason, 'invalid_grant: Token is not active');
      assert.is((await house.ask()).status, 503);
      dead = false;
      const request = { accountId: 'ann', refreshToken: 'another-token', client: null, otherAccount: 'ask' } as const;
      const back = await house.supervisor.operations.regrant(request, () => undefined);
      assert.is(back.outcome, 'saved', back.text);
      assert.is((await house.ask()).status, 200);
    });
  } finally {
    await server.stop();
  }
});

/** A forward proxy: absolute-form requests and CONNECT; counts what goes through it. */
async function withProxy(
  answer: 'forward' | 'refuse',
  use: (url: string, seen: () => number) => Promise<void>,
): Promise<void> {
  let seen = 0;
  const server: Server = http.createServer((request, response) => {
    seen++;
    if (answer === 'refuse') {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html>the proxy says no: invalid_grant</html>');
      return;
    }
    const { method, headers } = request;
    const forwarded = http.request(request.url ?? '', { method, headers }, (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(response);
    });
    request.pipe(forwarded);
  });
  server.on('connect', (request, socket: net.Socket) => {
    seen++;
    const [host, port] = (request.url ?? '').split(':');
    if (answer === 'refuse') {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const target = net.connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => seen);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('refreshes go through network.proxy', async () => {
  await withProxy('forward', async (proxy, seen) => {
    const prepare = (google: Parameters<NonNullable<Parameters<typeof withHouse>[0]['prepare']>>[0]): void => {
      google.grant(ann.refreshToken, { email: ann.email });
    };
    await withHouse({ accounts: [ann], settings: { network: { proxy } }, prepare }, async (house) => {
      const [result] = await house.supervisor.operations.testNow(['ann']);
      assert.is(result?.ok, true);
      assert.ok(seen() > 0);
    });
  });
});

test('an outbound proxy that refuses reads as trouble on the way, never as a credential', async () => {
  await withProxy('refuse', async (proxy) => {
    const prepare = (google: Parameters<NonNullable<Parameters<typeof withHouse>[0]['prepare']>>[0]): void =>
      google.script('*', invalidGrant(), Infinity);
    for (const tokenUrl of [undefined, 'https://oauth2.googleapis.com/token']) {
      const settings = { network: { proxy }, ...(tokenUrl === undefined ? {} : { oauth: { tokenUrl } }) };
      await withHouse({ accounts: [ann], settings, prepare }, async (house) => {
        const [result] = await house.supervisor.operations.testNow(['ann']);
        assert.is(result?.cause, 'network', result?.text);
        assert.is((await house.dir.read('ann')).disabled, false);
        assert.is(house.google.calls.token.length, 0);
      });
    }
  });
});

test.run();
