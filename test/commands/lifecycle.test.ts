import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ask, withApp } from '../support/app.js';

const two = [
  { id: 'a1', email: 'anna@example.com', refreshToken: '1//0good-token-of-anna' },
  { id: 'b1', email: 'bob@example.com', refreshToken: '1//0good-token-of-bob' },
];

test('stop ends the running supervisor, says so, and returns when its socket and lock are free', () =>
  withApp({}, async (app) => {
    const first = await app.headless();
    const stopped = await app.run(['stop']);
    assert.is(stopped.status, 0);
    assert.match(stopped.stdout, new RegExp(`stopped \\(pid ${first.pid}\\)`));
    assert.not.ok(existsSync(app.dir.at('regrant.sock')));
    const second = await app.headless();
    assert.is((await first.ended).status, 0);
    assert.is((await second.stop()).status, 0);
    const none = await app.run(['stop']);
    assert.is(none.status, 0);
    assert.match(none.stdout, /nothing to stop/);
  }));

test('stop says how many requests it waits for, and they end well', () =>
  withApp({ accounts: [{ ...two[0] }] }, async (app) => {
    const running = await app.headless();
    assert.is(await ask(running.url), 200);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    app.google.upstream(async () => {
      await held;
      return undefined;
    });
    const slow = ask(running.url);
    await app.google.until((calls) => calls.gemini.length >= 2);
    const stopping = app.run(['stop']);
    while (existsSync(app.dir.at('regrant.sock')) && !running.lines.some((line) => line.includes('waiting for 1'))) {
      await new Promise((done) => setTimeout(done, 20));
    }
    release();
    assert.is(await slow, 200);
    assert.match((await stopping).stdout, /^waiting for 1 request \(10 s at most\)\nstopped/);
  }));

test('a second supervisor on the same data directory names the first, and cannot run (3)', () =>
  withApp({}, async (app) => {
    const running = await app.headless();
    const second = await app.run(['--headless']);
    assert.is(second.status, 3);
    assert.ok(second.stderr.includes(`pid ${running.pid}`), second.stderr);
    assert.ok(second.stderr.includes(app.dir.path));
    assert.ok(second.stderr.includes(running.url.replace('http://', '')));
    await running.stop();
  }));

test('--detach returns when the proxy listens, says how to attach, and a second one fails as it would in the foreground', () =>
  withApp({ accounts: two }, async (app) => {
    const { status, stdout, stderr } = await app.run(['--detach']);
    assert.is(status, 0, stderr);
    assert.match(stdout, /serves on 127\.0\.0\.1:\d+ in the background \(pid \d+\); `regrant attach`/);
    const running = await app.status();
    try {
      assert.ok(stdout.includes(`pid ${running.pid}`));
      assert.is(await ask(`http://${running.address}`), 200);
      const second = await app.run(['--detach']);
      assert.is(second.status, 3);
      assert.ok(second.stderr.includes(`pid ${running.pid}`), second.stderr);
    } finally {
      assert.is((await app.run(['stop'])).status, 0);
    }
  }));

test('SIGHUP leaves a headless supervisor serving; SIGTERM and SIGINT end it', () =>
  withApp({ accounts: two }, async (app) => {
    const running = await app.headless();
    running.process.kill('SIGHUP');
    assert.is(await ask(running.url), 200);
    assert.is((await running.stop()).status, 0);
    assert.is(running.lines.filter((line) => line.includes('SIGHUP')).length, 1);
    const second = await app.headless();
    second.process.kill('SIGINT');
    assert.is((await second.ended).status, 130);
  }));

test('a reader of the JSON lines that goes away takes nothing with it', () =>
  withApp({ accounts: two }, async (app) => {
    const running = await app.headless();
    running.process.stdout?.destroy();
    running.process.stderr?.destroy();
    for (let i = 0; i < 20; i++) assert.is(await ask(running.url), 200);
    assert.is((await app.run(['stop'])).status, 0);
  }));

test('a data directory whose path is too long for a socket, or that others can enter, is served over one that only its owner reaches', () =>
  withApp({ accounts: two }, async (app) => {
    const long = app.dir.at('d'.repeat(100), 'e'.repeat(100));
    const env = { TMPDIR: app.dir.path, XDG_RUNTIME_DIR: '' };
    const child = app.run(['--headless', '--data-dir', long], { env: { ...env, REGRANT_PROXY_PORT: '0' } });
    try {
      let found = await app.run(['status', '--json', '--data-dir', long], { env });
      for (let i = 0; i < 50 && !found.stdout.includes('"accounts"'); i++)
        found = await app.run(['status', '--json', '--data-dir', long], { env });
      assert.ok(found.stdout.includes('"accounts"'), found.stderr);
      const uid = process.getuid?.() ?? 0;
      // of a name that nobody can have taken first
      const folder = app.dir.at(readdirSync(app.dir.path).find((name) => name.startsWith(`regrant-${uid}-`)) ?? '');
      assert.is(statSync(folder).mode & 0o777, 0o700);
      const sockets = readdirSync(folder).filter((name) => name.endsWith('.sock'));
      assert.is(sockets.length, 1);
      assert.is(statSync(path.join(folder, sockets[0] ?? '')).mode & 0o777, 0o600);
      // another temporary folder: the lock file says where the socket is
      const elsewhere = await app.run(['status', '--json', '--data-dir', long], { env: { XDG_RUNTIME_DIR: '' } });
      assert.is(elsewhere.stdout, found.stdout);
    } finally {
      await app.run(['stop', '--data-dir', long], { env });
      assert.is((await child).status, 0);
    }
    chmodSync(app.dir.path, 0o755);
    const open = await app.headless(env);
    assert.not.ok(existsSync(app.dir.at('regrant.sock')));
    assert.is((await app.run(['status'], { env })).status, 0);
    await open.stop();
  }));

test.run();
