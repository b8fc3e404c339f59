import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ClientResponse } from '../../../../src/proxy/server/listener/client-response.js';
import { Connections } from '../../../../src/proxy/server/listener/connections.js';
import { Listener, type Received } from '../../../../src/proxy/server/listener/listener.js';
import { type SetClock, setClock } from '../../../support/clock.js';
import { RawClient } from '../../../support/proxy.js';

const GET = 'GET /short HTTP/1.1\r\nHost: x\r\n\r\n';

/** A port that answers `/short` at once, and anything else when `finish` is called. */
async function withPort(use: (clock: SetClock, client: () => RawClient, finish: () => void) => Promise<void>) {
  const clock = setClock();
  const open: ClientResponse[] = [];
  const received: Received = {
    request: ({ url }, response) => {
      if (url === '/short') response.end('done');
      else open.push(response);
    },
    webSocket: () => undefined,
    unparsed: () => undefined,
  };
  const listener = new Listener(30_000, new Connections(10), received, clock);
  const address = await listener.listen({ host: '127.0.0.1', port: 0 });
  const finish = (): void => open.splice(0).forEach((response) => response.end('done'));
  await use(clock, () => new RawClient(address), finish).finally(() => {
    const stopped = listener.stop();
    listener.closeAllConnections();
    return stopped;
  });
  assert.equal(clock.due, []);
}

test('a connection that is idle for 75 s is closed, as its answers say; one that carries an answer or never had one stays', () =>
  withPort(async (clock, client, finish) => {
    const [idle, used, busy, fresh] = [client(), client(), client(), client()] as const;
    assert.match(await idle.write(GET).until(/done/), /\r\nKeep-Alive: timeout=75\r\n/);
    await used.write(GET).until(/done/);
    busy.write(GET.replace('short', 'long'));
    clock.advance(74_000);
    assert.is(idle.ended, false);
    await used.write(GET).until(/done.*done/s);
    clock.advance(16_000);
    await idle.closed();
    assert.equal([used.ended, busy.ended, fresh.ended], [false, false, false]);
    await used.write(GET).until(/done.*done.*done/s);
    finish();
    await busy.until(/done/);
    clock.advance(90_000);
    await Promise.all([used.closed(), busy.closed()]);
    assert.is(fresh.ended, false);
  }));

test('after a sleep of the machine a connection is as good as before it', () =>
  withPort(async (clock, client) => {
    const kept = client();
    await kept.write(GET).until(/done/);
    clock.advance(15_000);
    clock.sleep(8 * 3_600_000);
    await kept.write(GET).until(/done.*done/s);
    assert.is(kept.ended, false);
  }));

test.run();
