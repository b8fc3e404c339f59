/** A connection to the token endpoint that breaks: who is sent once more, and who never is. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Google, type AfterReset } from '../../../src/proxy/oauth/google.js';
import { TokenEndpointUnavailable } from '../../../src/proxy/oauth/errors.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { withHouse } from '../../support/house.js';

const client = { name: 'default', id: '1234-x.apps.googleusercontent.com', secret: 'GOCSPX-x' };

type Answering = (response: ServerResponse, request: IncomingMessage) => void;

const token: Answering = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ access_token: 'ya29.x', expires_in: 3599 }));
};
const reset: Answering = (_response, request) => void request.socket.resetAndDestroy();
const closed: Answering = (_response, request) => void request.socket.destroy();
const halfAnswered: Answering = (response, request) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '200' });
  response.write('{"access_token":"ya29', () => request.socket.resetAndDestroy());
};
const busy: Answering = (response) => void response.writeHead(503).end('{}');

/** An endpoint that answers its calls in this way, one after the other; how many came, and by how many connections. */
async function withEndpoint(
  answers: readonly Answering[],
  use: (google: Google, seen: { calls: number; sockets: Set<Socket> }) => Promise<void>,
): Promise<void> {
  const seen = { calls: 0, sockets: new Set<Socket>() };
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      seen.sockets.add(request.socket);
      (answers[seen.calls++] ?? token)(response, request);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await use(new Google({ tokenUrl: `${url}/token`, userInfoUrl: `${url}/me` }, systemClock, () => null), seen);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

const table: readonly (readonly [
  what: string,
  answers: readonly Answering[],
  AfterReset,
  calls: number,
  ok: boolean,
])[] = [
  ['a reset', [reset, token], 'once more', 2, true],
  ['a connection that is closed', [closed, token], 'once more', 2, true],
  ['two resets', [reset, reset, token], 'once more', 2, false],
  ['a reset in the middle of an answer', [halfAnswered, token], 'once more', 1, false],
  ['an answer that asks for a pause', [busy, token], 'once more', 1, false],
  ['a reset for a token that rotates', [reset, token], 'give up', 1, false],
  ['a closed connection for a token that rotates', [closed, token], 'give up', 1, false],
];

for (const [what, answers, afterReset, calls, ok] of table) {
  test(`${what}: sent ${calls === 1 ? 'once' : 'twice'}, and ${ok ? 'answered' : 'failed for now'}`, async () => {
    await withEndpoint(answers, async (google, seen) => {
      const outcome = await google.exchange('1//0x', client, afterReset).catch((error: unknown) => error);
      if (ok) assert.is((outcome as { body: { access_token: string } }).body.access_token, 'ya29.x');
      else assert.instance(outcome, TokenEndpointUnavailable);
      assert.is(seen.calls, calls);
    });
  });
}

test('the second try goes over a connection that nobody used before', async () => {
  await withEndpoint([token, reset, token], async (google, seen) => {
    await google.exchange('1//0x', client);
    await google.exchange('1//0x', client, 'once more');
    assert.is(seen.calls, 3);
    // the kept one, which broke, and the fresh one
    assert.is(seen.sockets.size, 2);
  });
});

test('an authorization code is never sent twice', async () => {
  await withEndpoint([reset, token], async (google, seen) => {
    const about = { client, redirectUri: 'http://127.0.0.1:1', verifier: 'v'.repeat(43) };
    assert.instance(await google.redeem('4/x', about).catch((error: unknown) => error), TokenEndpointUnavailable);
    assert.is(seen.calls, 1);
  });
});

const ann = { id: 'ann', email: 'ann@example.com', refreshToken: '1//0ann' };

test('one reset of the token endpoint costs a request nothing while its token never rotated', async () => {
  await withHouse({ accounts: [ann] }, async (house) => {
    house.google.grant(ann.refreshToken, { email: ann.email });
    house.google.script(ann.refreshToken, 'reset', 1);
    assert.is((await house.ask()).status, 200);
    assert.is(house.google.calls.token.length, 2);
    assert.not.ok(house.log.some((line) => line.startsWith('Token refresh failed')));
  });
});

test('a token that took the place of another is never sent again after a reset, over a restart too', async () => {
  await withHouse({ accounts: [ann] }, async (house) => {
    house.google.grant(ann.refreshToken, { email: ann.email, rotateTo: '1//0second' });
    assert.is((await house.supervisor.operations.testNow(['ann']))[0]?.ok, true);
    for (const life of ['the same', 'the next']) {
      if (life === 'the next') {
        await house.stop();
        await house.start();
      }
      const before = house.google.calls.token.length;
      house.google.script('1//0second', 'reset', 1);
      await house.supervisor.operations.testNow(['ann']);
      assert.is(house.google.calls.token.length - before, 1, life);
      house.google.unscript('1//0second');
    }
  });
});

test.run();
