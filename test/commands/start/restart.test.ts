import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { activated, listeningSockets } from '../../../src/commands/start/handover/listening-sockets.js';
import { unitOf, whyNot } from '../../../src/commands/start/restart.js';
import { ControlClient } from '../../../src/control/client.js';
import { isAlive } from '../../../src/store/disk/process-identity.js';
import { type App, app as program, withApp } from '../../support/app.js';
import { readStream, restartRounds, RotatingGrants, streamFor } from '../../support/handover.js';
import { pause } from '../../support/pause.js';

const accounts = ['anna', 'bob'].map((name, at) => ({
  id: `a${at}`,
  email: `${name}@example.com`,
  refreshToken: `1//0token-of-${name}`,
}));

test('restarts under load: none refused, no stream cut, no token sent twice, no rotation lost, one owner (long: soak restart)', () =>
  withApp({ accounts, google: { tokenDelayMs: () => 100 } }, async (app) => {
    const grants = new RotatingGrants(app.google, accounts);
    streamFor(app.google, 8, 250);
    const figures = await restartRounds(app, grants, { restarts: 2, requests: 150, streams: 3 });
    for (const [name, words] of Object.entries(figures.faults)) assert.equal(words, [], name);
    assert.ok(figures.rotations >= 2 && figures.streams === 6);
  }));

test('one in the background restarted twice while the first still streams: the third knows of it, no stream is cut', () =>
  withApp({ accounts }, async (app) => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    async function* chunks(): AsyncGenerator<string> {
      await held;
      yield 'data: {"candidates":[{"content":{"parts":[{"text":"end"}]}}]}\n\n';
    }
    app.google.upstream(() => ({ status: 200, headers: { 'content-type': 'text/event-stream' }, chunks: chunks() }));
    const { stdout } = await app.run(['--detach']);
    const [, address = '', pid = ''] = /serves on (\S+) in the background \(pid (\d+)\)/.exec(stdout) ?? [];
    try {
      const stream = readStream(`http://${address}`);
      await app.google.until(({ gemini }) => gemini.length > 0);
      for (const round of [1, 2]) {
        const restarted = await app.run(['restart']);
        assert.is(restarted.status, 0, restarted.stderr);
        assert.ok(await comesTrue(async () => (await inFlight(app)) === 1), `after restart ${round}`);
      }
      assert.ok(isAlive({ pid: Number(pid) }));
      release();
      assert.is(await stream, null);
      assert.ok(await comesTrue(() => Promise.resolve(!isAlive({ pid: Number(pid) }))), 'the first one has ended');
      assert.is(await inFlight(app), 0);
    } finally {
      assert.is((await app.run(['stop'])).status, 0);
    }
  }));

/** The requests in flight with the one key, as the supervisor that runs now tells. */
async function inFlight(app: App): Promise<number | undefined> {
  const client = await ControlClient.connect(app.dir.at('regrant.sock'));
  return (await client?.request('keys', []).finally(() => client.close()))?.[0]?.inFlight;
}

/** Whether it comes true within 5 s. */
async function comesTrue(is: () => Promise<boolean>): Promise<boolean> {
  const until = performance.now() + 5_000;
  while (performance.now() < until) {
    if (await is()) return true;
    await pause(20);
  }
  return false;
}

test('another port in the settings: the successor opens it, and the line says that the old one is closed', () =>
  withApp({ accounts: [] }, async (app) => {
    const old = await app.headless();
    const free = net.createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as net.AddressInfo;
    const settings = JSON.parse(await readFile(app.dir.at('settings.json'), 'utf8')) as { proxy: object };
    await app.dir.settings({ ...settings, proxy: { ...settings.proxy, port } });
    const taken = await app.run(['restart', '--json']);
    assert.is(taken.status, 1);
    const said = JSON.parse(taken.stdout) as { schema: number; ok: boolean; text: string; pid: number };
    assert.equal([said.schema, said.ok, said.pid], [1, false, old.pid]);
    assert.match(said.text, /is in use by another program/);
    free.close();
    const moved = await app.run(['restart']);
    assert.is(moved.status, 0, moved.stderr);
    assert.match(moved.stdout, new RegExp(`serves on 127.0.0.1:${port}, and no longer on ${old.url.slice(7)}`));
    const { stdout } = await app.run(['events', '--json']);
    const { events } = JSON.parse(stdout) as { events: { kind: string; text: string }[] };
    const told = events.filter(({ kind }) => kind === 'restarted').map(({ text }) => text);
    assert.is(told.length, 1);
    assert.match(told[0] ?? '', new RegExp(`^pid \\d+ serves on 127.0.0.1:${port} in place of pid ${old.pid}$`));
    assert.is((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200);
    assert.is(
      await fetch(`${old.url}/livez`).then(
        () => 'open',
        () => 'closed',
      ),
      'closed',
    );
    assert.is((await app.run(['stop'])).status, 0);
    assert.is((await app.run(['restart'])).status, 3, 'nothing runs');
  }));

test('sockets that a service manager opened are served, all of them, and handed on', () =>
  withApp({ accounts: [] }, async (app) => {
    const given = [net.createServer(), net.createServer()];
    for (const server of given) await once(server.listen(0, '127.0.0.1'), 'listening');
    const fds = given.map((server) => (server as unknown as { _handle: { fd: number } })._handle.fd);
    const urls = given.map((server) => `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/livez`);
    const child = spawn(
      '/bin/sh',
      [
        '-c',
        'LISTEN_PID=$$ LISTEN_FDS=2 exec "$@"',
        'sh',
        process.execPath,
        program,
        '--headless',
        '--data-dir',
        app.dir.path,
      ],
      {
        stdio: ['ignore', 'ignore', 'inherit', ...fds],
      },
    );
    for (const server of given) server.close();
    const answers = (): Promise<number[]> => Promise.all(urls.map(async (url) => (await fetch(url)).status));
    assert.equal(await answers(), [200, 200]);
    assert.is((await app.run(['restart'])).status, 0);
    assert.is.not((await app.status()).pid, child.pid);
    assert.equal(await answers(), [200, 200]);
    assert.is((await app.run(['stop'])).status, 0);
  }));

test('LISTEN_FDS counts only for the process that LISTEN_PID names; inherited sockets only for the port of the settings', () => {
  assert.equal(activated({ LISTEN_PID: '7', LISTEN_FDS: '2' }, 7), [3, 4]);
  assert.is(activated({ LISTEN_PID: '8', LISTEN_FDS: '2' }, 7), null);
  assert.is(activated({ LISTEN_PID: '7', LISTEN_FDS: '0' }, 7), null);
  assert.is(activated({ LISTEN_FDS: '1' }, 7), null);
  const port = { host: '127.0.0.1', port: 8045 };
  assert.equal(listeningSockets(port, {}, undefined), { descriptors: null, port });
  assert.equal(listeningSockets(port, {}, { listening: [3], lock: 4, port, pid: 5 }), { descriptors: [3], port });
  assert.equal(listeningSockets(port, {}, { listening: [3], lock: 4, port: null, pid: 5 }), {
    descriptors: [3],
    port: null,
  });
});

test('the first process of a container, and the main one of a unit without Type=notify, name the command that restarts them', () => {
  assert.match(whyNot({}, 1) ?? '', /`docker restart \S+`/);
  assert.match(whyNot({ SYSTEMD_EXEC_PID: '7' }, 7) ?? '', /`systemctl .*restart \S+`/);
  assert.is(whyNot({ SYSTEMD_EXEC_PID: '7', NOTIFY_SOCKET: '/run/notify' }, 7), null);
  assert.is(whyNot({ SYSTEMD_EXEC_PID: '6' }, 7), null);
  assert.equal(unitOf('0::/user.slice/user-1000.slice/user@1000.service/app.slice/regrant.service\n'), {
    unit: 'regrant',
    isUser: true,
  });
  assert.equal(unitOf('0::/system.slice/pool.service\n'), { unit: 'pool', isUser: false });
});

test.run();
