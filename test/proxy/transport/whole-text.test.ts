/** What regrant reads for itself has a size and a time. */
import { createServer } from 'node:net';
import http from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { outboundProxy } from '../../../src/proxy/transport/outbound.js';
import { connectionsTo } from '../../../src/proxy/transport/origins.js';
import { AnswerTooLong, wholeText } from '../../../src/proxy/transport/whole-text.js';
import { tunnelThrough } from '../../../src/proxy/transport/tunnel.js';
import { listening } from '../../support/proxy.js';

const direct = outboundProxy({ proxy: '', noProxy: '' }, {});

test('an answer without end is given up at 8 MB', async () => {
  let sent = 0;
  const server = http.createServer((_request, response) => {
    const more = (): void => {
      sent += 65_536;
      if (!response.destroyed) response.write(Buffer.alloc(65_536), more);
    };
    more();
  });
  const port = await listening(server);
  const connections = connectionsTo(`http://127.0.0.1:${port}`, { connectMs: 1_000 }, direct);
  try {
    const { body } = await connections.request({ method: 'GET', path: '/' });
    let failure: unknown;
    await wholeText(body).catch((error: unknown) => (failure = error));
    assert.instance(failure, AnswerTooLong);
    assert.ok(sent < 40_000_000, String(sent));
  } finally {
    await connections.destroy();
    server.closeAllConnections();
    server.close();
  }
});

test('an outbound proxy whose answer drips is given up in time', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 200 OK\r\n');
    const drip = setInterval(() => socket.write('X-A: 1\r\n'), 20);
    socket.on('close', () => clearInterval(drip));
  });
  const port = await listening(server);
  const connect = tunnelThrough(new URL(`http://127.0.0.1:${port}`), 200);
  const options = { hostname: 'upstream.example', protocol: 'https:', port: '443' } as Parameters<typeof connect>[0];
  const error = await new Promise<Error | null>((resolve) => connect(options, resolve as never));
  assert.match(error?.message ?? '', 'did not answer');
  await new Promise((resolve) => server.close(resolve));
});

test.run();
