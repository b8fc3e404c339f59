import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PROTOCOL } from '../../../src/control/protocol.js';
import { HANDOVER } from '../../../src/proxy/contract/succession/handover.js';
import { withApp, type App } from '../../support/app.js';

const answers: Readonly<Record<string, unknown>> = {
  restart: { ok: true, text: 'restarted: pid 2 serves on 127.0.0.1:1', pid: 2 },
  stop: { inFlight: 0, unsaved: [] },
};

/** A supervisor of another version, which answers what follows or ends it and then leaves. */
async function withOtherVersion(app: App, handover: number | undefined, use: () => Promise<void>): Promise<void> {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(`${JSON.stringify({ regrant: '9.9.9', protocol: PROTOCOL + 1, pid: process.pid, handover })}\n`);
    socket.once('data', (line: Buffer) => {
      const { id, request } = JSON.parse(line.toString()) as { id: number; request: string };
      socket.end(`${JSON.stringify({ id, result: answers[request] })}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(app.dir.at('regrant.sock'), resolve));
  await use().finally(() => server.close());
}

test('a running program of another version is followed by `restart` and ended by `stop`; other verbs name the restart', () =>
  withApp({}, (app) =>
    withOtherVersion(app, HANDOVER, async () => {
      const [restart, stop, accounts] = await Promise.all([
        app.run(['restart']),
        app.run(['stop']),
        app.run(['accounts']),
      ]);
      assert.equal([restart.status, restart.stdout], [0, 'restarted: pid 2 serves on 127.0.0.1:1\n'], restart.stderr);
      assert.equal([stop.status, stop.stdout], [0, `stopped (pid ${process.pid})\n`], stop.stderr);
      assert.is(accounts.status, 3);
      assert.match(accounts.stderr, /version 9\.9\.9, .*`regrant restart`/);
    }),
  ));

for (const handover of [undefined, HANDOVER + 1]) {
  test(`one that hands over ${handover === undefined ? 'to none' : 'in another way'} is named with its process, to end it`, () =>
    withApp({}, (app) =>
      withOtherVersion(app, handover, async () => {
        const { status, stderr } = await app.run(['restart']);
        assert.is(status, 3);
        assert.match(stderr, new RegExp(`version 9\\.9\\.9, .*kill ${process.pid}`));
      }),
    ));
}

test.run();
