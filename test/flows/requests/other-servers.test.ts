/** Authorization servers and proxies that are not ours. */
import http, { type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { OAuth2Server } from 'oauth2-mock-server';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { googleSettings, invalidGrant } from '../../support/google.js';
import { API_KEY, withHouse } from '../../support/house.js';

const own = { port: 0, apiKey: API_KEY };
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
      const back = await house.supervisor.operations.readd(request, () => undefined);
      assert.is(back.outcome, 'saved', back.text);
      assert.is((await house.ask()).status, 200);
    });
  } finally {
    await server.stop();
  }
});

/** A forward proxy: absolute-form requests and CONNECT; notes what goes through it. Every name is this machine to it. */
async function withProxy(
  answer: 'forward' | 'refuse',
  use: (url: string, seen: readonly string[]) => Promise<void>,
): Promise<void> {
  const seen: string[] = [];
  const server: Server = http.createServer((request, response) => {
    seen.push(request.url ?? '');
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
    seen.push(request.url ?? '');
    const [, port] = (request.url ?? '').split(':');
    if (answer === 'refuse') {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const target = net.connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('all that goes out goes through network.proxy: refreshes, userinfo, the free call, requests', async () => {
  await withProxy('forward', async (proxy, seen) => {
    await withHouse({ accounts: [ann], settings: { network: { proxy } } }, async (house) => {
      house.google.grant(ann.refreshToken, { email: ann.email });
      house.google.grant('1//0another-token', { email: ann.email, idToken: 'absent' });
      const { port } = new URL(house.google.url);
      // a name that only the proxy can resolve
      await house.stop();
      const upstream = { kind: 'gemini', baseUrls: [`http://gemini.invalid:${port}`] };
      await house.dir.settings({ ...googleSettings(house.google), upstream, network: { proxy }, proxy: own });
      await house.start();
      const steps: string[] = [];
      const [result] = await house.supervisor.operations.testNow(['ann']);
      assert.is(result?.ok, true, result?.text);
      const request = {
        accountId: 'ann',
        refreshToken: '1//0another-token',
        client: null,
        otherAccount: 'ask',
      } as const;
      await house.supervisor.operations.readd(request, ({ step, status, text }) =>
        steps.push(`${step} ${status} ${text}`),
      );
      assert.ok(steps.includes('upstream done models list 200'), steps.join('; '));
      assert.is((await house.ask()).status, 200);
      const atGoogle = `127.0.0.1:${port}`;
      assert.equal(seen.slice(0, 3), [atGoogle, atGoogle, atGoogle], 'two exchanges and userinfo');
      assert.ok(seen.length > 3 && seen.slice(3).every((to) => to === `gemini.invalid:${port}`), seen.join(' '));
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
