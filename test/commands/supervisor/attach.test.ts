import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PROTOCOL } from '../../../src/control/protocol.js';
import { version } from '../../../src/store/ground/version.js';
import { withApp, type App } from '../../support/app.js';

/** Hands in a supervisor that greets and then never says a word, as one that was stopped by a signal does; resolves with each client's first line. */
async function withMuteSupervisor(app: App, use: (asked: Promise<void>) => Promise<void>): Promise<void> {
  let tell = (): void => undefined;
  const asked = new Promise<void>((resolve) => (tell = resolve));
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(`${JSON.stringify({ regrant: version, protocol: PROTOCOL, pid: process.pid })}\n`);
    socket.once('data', tell);
  });
  await new Promise<void>((resolve) => server.listen(app.dir.at('regrant.sock'), resolve));
  try {
    await use(asked);
  } finally {
    server.close();
  }
}

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 0],
  ['SIGHUP', 0],
] as const) {
  test(`${signal} ends an attached screen that is still waiting for its first picture`, () =>
    withApp({}, (app) =>
      withMuteSupervisor(app, async (asked) => {
        const screen = app.terminal(['attach']);
        await asked;
        screen.kill(signal);
        assert.is(await screen.ended, status);
      }),
    ));
}

test.run();
