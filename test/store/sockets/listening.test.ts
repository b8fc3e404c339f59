import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemCode } from '../../../src/store/ground/errors.js';
import { listening, listeningAt } from '../../../src/store/sockets/listening.js';
import { withDirectory } from '../../support/directory.js';

const closed = (server: net.Server) => new Promise((resolve) => server.close(resolve));

const answers = (to: net.NetConnectOpts) =>
  new Promise<string>((resolve, reject) => {
    const socket = net.connect(to, () => socket.end());
    socket.setEncoding('utf8').on('error', reject);
    socket.on('data', resolve);
  });

const greeter = () => net.createServer((socket) => socket.end('here'));

for (const host of ['127.0.0.1', '::1', 'localhost', '0.0.0.0']) {
  test(`a server listens on ${host}, and closes`, async () => {
    const server = greeter();
    await listening(server, host, 0);
    const { port } = server.address() as AddressInfo;
    assert.is(await answers({ host: host === '0.0.0.0' ? '127.0.0.1' : host, port }), 'here');
    await closed(server);
    assert.is(server.address(), null);
  });
}

test('a port that is taken, an address that is none and one of another machine are errors of the system', async () => {
  const server = greeter();
  await listening(server, '127.0.0.1', 0);
  const { port } = server.address() as AddressInfo;
  const codeOf = (host: string, at: number) =>
    listening(greeter(), host, at).then(
      () => 'listens',
      (error: unknown) => systemCode(error),
    );
  assert.is(await codeOf('127.0.0.1', port), 'EADDRINUSE');
  assert.is(await codeOf('192.0.2.1', 0), 'EADDRNOTAVAIL');
  assert.is(await codeOf('256.0.0.1', 0), 'ENOTFOUND');
  await closed(server);
});

test('a server listens on a path, which is gone once it is closed; one that is taken is an error', () =>
  withDirectory(async ({ path: folder }) => {
    const at = path.join(folder, 'socket');
    const server = greeter();
    await listeningAt(server, at);
    assert.is(await answers({ path: at }), 'here');
    const second = await listeningAt(greeter(), at).catch((error: unknown) => systemCode(error));
    assert.is(second, 'EADDRINUSE');
    await closed(server);
  }));

test.run();
