/** A supervisor whose control socket is gone: verbs say who it is, and it makes the socket anew. */
import { chmodSync, existsSync, mkdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readOwner } from '../../../src/store/disk/lock-owner.js';
import { type App, withApp } from '../../support/app.js';

const ann = { id: 'a1', email: 'ann@example.com', refreshToken: '1//0good-token-of-ann' };

const until = async (test: () => boolean | Promise<boolean>, ms: number): Promise<number> => {
  const began = performance.now();
  while (!(await test()) && performance.now() - began < ms) await new Promise((done) => setTimeout(done, 50));
  return performance.now() - began;
};

/** Suspended, so that it cannot make another one while the test looks. */
async function withoutSocket(app: App, use: (pid: number) => Promise<void>): Promise<void> {
  const running = await app.headless();
  running.process.kill('SIGSTOP');
  unlinkSync(app.dir.at('regrant.sock'));
  await use(running.pid);
  running.process.kill('SIGCONT');
  await running.stop();
}

test('each verb says that a supervisor runs and cannot be spoken to, with its pid; status exits 3, stop ends nothing unasked', () =>
  withApp({ accounts: [ann] }, (app) =>
    withoutSocket(app, async (pid) => {
      const says = new RegExp(`regrant \\(pid ${pid}, proxy at [^)]+\\) holds .*, but its control socket is gone`);
      const statuses: Record<string, number> = {
        status: 3,
        'status --json': 3,
        attach: 3,
        reload: 3,
        stop: 1,
        accounts: 3,
      };
      const ended = await Promise.all(
        Object.keys(statuses).map(async (line) => [line, await app.run(line.split(' '))] as const),
      );
      for (const [line, { status, stdout, stderr }] of ended) {
        assert.is(status, statuses[line], `${line}: ${stdout}${stderr}`);
        assert.match(`${stdout}${stderr}`, says, line);
        if (line === 'status --json') assert.is((JSON.parse(stdout) as { pid: unknown }).pid, pid);
      }
      const env = await app.run(['env']);
      assert.is(env.status, 0, env.stderr);
      assert.not.match(env.stderr, /no regrant runs/);
    }),
  ));

test('stop --yes ends a supervisor that has no socket', () =>
  withApp({ accounts: [ann] }, async (app) => {
    const running = await app.headless();
    unlinkSync(app.dir.at('regrant.sock'));
    const { status, stdout } = await app.run(['stop', '--yes']);
    assert.is(status, 0);
    assert.match(stdout, new RegExp(`stopped \\(pid ${running.pid}\\)`));
    await running.ended;
  }));

test('a socket that is taken away is there again within five seconds', () =>
  withApp({ accounts: [ann] }, async (app) => {
    const running = await app.headless();
    unlinkSync(app.dir.at('regrant.sock'));
    const ms = await until(() => existsSync(app.dir.at('regrant.sock')), 10_000);
    assert.ok(ms < 5_000, `${Math.round(ms)} ms`);
    assert.is((await app.status()).pid, running.pid);
    await running.stop();
  }));

test('where its folder ended with the login, it is made at the next place, and state/lock says where', () =>
  withApp({ accounts: [ann] }, async (app) => {
    chmodSync(app.dir.path, 0o755);
    const [runtime, temporary] = [app.dir.at('runtime'), app.dir.at('temporary')];
    for (const folder of [runtime, temporary]) mkdirSync(folder, { mode: 0o700 });
    const env = { XDG_RUNTIME_DIR: runtime, TMPDIR: temporary };
    const running = await app.headless(env);
    const socket = (): string => readOwner(app.dir.at('state/lock'))?.socket ?? '';
    // the proxy listens before the socket is made
    await until(() => socket() !== '', 5_000);
    assert.ok(socket().startsWith(runtime), socket());
    rmSync(runtime, { recursive: true });
    // nobody can be in the folder's place
    writeFileSync(runtime, '');
    const ms = await until(() => socket().startsWith(temporary), 10_000);
    assert.ok(ms < 5_000, `${Math.round(ms)} ms: ${socket()}`);
    const status = await app.run(['status'], { env: { TMPDIR: temporary } });
    assert.is(status.status, 0, status.stdout);
    assert.match(status.stdout, new RegExp(`pid ${running.pid}`));
    await running.stop();
    assert.not.ok(existsSync(socket()));
  }));

test.run();
