import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withApp } from '../../support/app.js';
import { withDirectory } from '../../support/directory.js';
import { ServiceManager } from '../../../src/commands/start/service-manager.js';
import { systemClock } from '../../../src/store/ground/clock.js';

/** Binds a datagram socket, which Node cannot, and prints each datagram as a line of JSON. */
const listener = `
import json, os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print(json.dumps("bound"), flush=True)
while True:
    print(json.dumps(s.recv(65536).decode()), flush=True)
`;

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const canTry = has('python3') && has('systemd-notify');
const tried = (name: string, body: () => Promise<void>): void => (canTry ? test(name, body) : test.skip(name, body));

interface NotifySocket {
  readonly messages: readonly string[];
  readonly until: (what: RegExp, times?: number) => Promise<void>;
}

async function withNotifySocket(path: string, use: (socket: NotifySocket) => Promise<void>): Promise<void> {
  const python = spawn('python3', ['-c', listener, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const messages: string[] = [];
  let look = (): void => undefined;
  let rest = '';
  python.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    messages.push(...parts.map((part) => JSON.parse(part) as string));
    look();
  });
  const until = (what: RegExp, times = 1): Promise<void> =>
    new Promise((resolve) => {
      look = (): void => {
        if (messages.filter((message) => what.test(message)).length >= times) resolve();
      };
      look();
    });
  try {
    await until(/^bound$/);
    await use({ messages, until });
  } finally {
    python.kill();
  }
}

tried('a service manager is told when the proxy listens, that it lives, and that it ends', () =>
  withApp({ accounts: [{ id: 'a1', email: 'anna@example.com' }] }, async (app) => {
    const path = app.dir.at('notify.sock');
    await withNotifySocket(path, async ({ messages, until }) => {
      const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: '300000' };
      const running = await app.headless(env);
      await until(/READY=1/);
      const ready = messages.find((message) => message.includes('READY=1')) ?? '';
      assert.ok(ready.includes(`STATUS=serves on ${running.url.replace('http://', '')}`), ready);
      assert.ok(ready.includes(`MAINPID=${running.pid}`), ready);
      await until(/WATCHDOG=1/, 4);
      await running.stop();
      await until(/STOPPING=1/);
      const order = ['READY=1', 'WATCHDOG=1', 'STOPPING=1'].map((word) =>
        messages.findIndex((message) => message.includes(word)),
      );
      assert.equal(
        order,
        [...order].sort((a, b) => a - b),
      );
    });
  }),
);

tried('a restart is told with the time of CLOCK_MONOTONIC, and then which process is the main one', () =>
  withApp({}, async (app) => {
    const path = app.dir.at('notify.sock');
    await withNotifySocket(path, async ({ messages, until }) => {
      const old = await app.headless({ NOTIFY_SOCKET: path });
      await until(/READY=1/);
      const asked = process.hrtime.bigint() / 1_000n;
      assert.is((await app.run(['restart'])).status, 0);
      await until(/READY=1/, 2);
      const reloading = messages.find((message) => message.includes('RELOADING=1')) ?? '';
      const at = BigInt(/MONOTONIC_USEC=(\d+)/.exec(reloading)?.[1] ?? 0);
      assert.ok(at > asked && at < process.hrtime.bigint() / 1_000n, reloading);
      const { pid } = await app.status();
      const ready = messages.filter((message) => message.includes('READY=1'));
      assert.ok(ready[0]?.includes(`MAINPID=${old.pid}`) && ready[1]?.includes(`MAINPID=${pid}`), ready.join());
      assert.not.match(messages.join('\n'), /STOPPING=1/);
      assert.is((await app.run(['stop'])).status, 0);
    });
  }),
);

const unit = path.join(path.dirname(path.dirname(path.dirname(import.meta.dirname))), 'docs', 'regrant.service');

test('the unit in docs/ waits for nothing that user managers do not have, and a start that fails is tried without end', () => {
  const text = readFileSync(unit, 'utf8');
  assert.not.match(text, /network(-online)?\.target|multi-user\.target/);
  assert.match(text, /^StartLimitIntervalSec=0$/m);
  assert.match(text, /^Restart=on-failure$/m);
  assert.match(text, /^RestartPreventExitStatus=2$/m);
});

const analysed = (name: string, body: () => void): void =>
  has('systemd-analyze') ? test(name, body) : test.skip(name, body);

analysed('the unit in docs/ is one that systemd takes as it stands', () => {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['--user', '--man=no', 'verify', unit], {
    env: { ...process.env, XDG_RUNTIME_DIR: tmpdir() },
    encoding: 'utf8',
  });
  assert.is(stdout + stderr, '');
  assert.is(status, 0);
});

tried('nothing is sent where nobody asked, and a watchdog for another process is not fed', () =>
  withDirectory(async (dir) => {
    const path = dir.at('notify.sock');
    await withNotifySocket(path, async ({ messages, until }) => {
      const complaints: string[] = [];
      const tell = (env: NodeJS.ProcessEnv): ServiceManager => {
        const manager = new ServiceManager({ PATH: process.env.PATH, ...env }, systemClock, (text) => {
          complaints.push(text);
        });
        void manager.ready('here');
        return manager;
      };
      tell({ WATCHDOG_USEC: '1000' }).close();
      const other = tell({ NOTIFY_SOCKET: path, WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' });
      await until(/READY=1/);
      other.stopping('done');
      await until(/STOPPING=1/);
      other.close();
      assert.is(messages.filter((message) => message.includes('WATCHDOG')).length, 0);
      assert.equal(complaints, []);
    });
  }),
);

const filled = (name: string, body: () => Promise<void>): void =>
  canTry && has('prlimit') ? test(name, body) : test.skip(name, body);

/** Calls `use` while this process has no free descriptor, perhaps but those that it was given before. */
async function withoutDescriptors(use: () => Promise<void>): Promise<void> {
  const limit = (soft: string) => spawnSync('prlimit', ['--pid', String(process.pid), `--nofile=${soft}:`]);
  const before = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '1024';
  limit('200');
  const taken: number[] = [];
  try {
    assert.throws(() => {
      for (;;) taken.push(openSync('/dev/null', 'r'));
    }, /EMFILE/);
    await use();
  } finally {
    taken.forEach(closeSync);
    limit(before);
  }
}

filled('the watchdog is fed also while nothing else has a descriptor', () =>
  withDirectory(async (dir) => {
    const path = dir.at('notify.sock');
    await withNotifySocket(path, async ({ messages, until }) => {
      const complaints: string[] = [];
      const env = { PATH: process.env.PATH, NOTIFY_SOCKET: path, WATCHDOG_USEC: '300000' };
      const manager = new ServiceManager(env, systemClock, (text) => complaints.push(text));
      void manager.ready('here');
      await until(/WATCHDOG=1/);
      await withoutDescriptors(async () => {
        const fed = messages.length;
        await until(/WATCHDOG=1/, fed + 3);
      });
      manager.close();
      assert.equal(complaints, []);
    });
  }),
);

test('a machine without systemd-notify is said once, and nothing else happens', async () => {
  const complaints: string[] = [];
  const env = { PATH: '/nonexistent', NOTIFY_SOCKET: '/nonexistent/notify.sock' };
  await new Promise<void>((resolve) => {
    const manager = new ServiceManager(env, systemClock, (text) => {
      complaints.push(text);
      setTimeout(resolve, 100);
    });
    void manager.ready('here');
    manager.stopping('gone');
  });
  assert.equal(complaints, ['The service manager cannot be told how this service is: there is no systemd-notify']);
});

test.run();
