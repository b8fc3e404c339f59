import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, withApp, type App, type Headless } from '../../support/app.js';
import { googleSettings } from '../../support/google.js';
import { startLoad } from '../../support/load.js';

const accounts = [{ id: 'a1', email: 'anna@example.com' }];

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function line(running: Headless, pattern: RegExp): Promise<string> {
  for (let waited = 0; waited < 5_000; waited += 20) {
    const found = running.lines.find((text) => pattern.test(text));
    if (found !== undefined) return found;
    await pause(20);
  }
  throw new Error(`no line like ${String(pattern)}:\n${running.lines.slice(-5).join('\n')}`);
}

/** The ids of all requests that the log's files have, the moved ones too. */
const idsIn = (app: App): string[] =>
  readdirSync(app.dir.at('logs'))
    .filter((name) => name.startsWith('regrant.log'))
    .flatMap((name) => readFileSync(app.dir.at('logs', name), 'utf8').split('\n'))
    .flatMap((text) => /"access":\{"id":"([^"]+)"/.exec(text)?.[1] ?? []);

test('SIGUSR1 begins the log file anew after a rename, under load: no line is lost and none doubled, and no debugger listens', () =>
  withApp({ accounts }, async (app) => {
    const running = await app.headless();
    const load = startLoad(running.url, 8);
    for (let round = 1; round <= 5; round++) {
      await load.reached(round * 100);
      renameSync(app.dir.at('logs', 'regrant.log'), app.dir.at('logs', `regrant.log.${round}.old`));
      running.process.kill('SIGUSR1');
      await load.reached(round * 100 + 50);
    }
    const { sent, failed } = await load.end();
    assert.not(await isOpen(9229), 'a debugger listens');
    await running.stop();
    const ids = idsIn(app);
    assert.equal([failed, new Set(ids).size, ids.length], [0, sent, sent]);
    const files = readdirSync(app.dir.at('logs')).filter((name) => name.startsWith('regrant.log'));
    assert.is(files.length, 6, files.join(' '));
  }));

const dumpsIntoFolder = (): boolean =>
  process.platform === 'linux' &&
  !/^[|/]/.test(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')) &&
  spawnSync('prlimit', ['--version']).status === 0;

test('a core dump of a crash has no token in it, also where the session lets programs leave one', () =>
  withApp({ accounts }, async (app) => {
    const there = encodeURIComponent(JSON.stringify(app.dir.path));
    const running = await app.headless({ NODE_OPTIONS: `--import data:text/javascript,process.chdir(${there})` });
    if (process.platform === 'linux') {
      assert.match(readFileSync(`/proc/${running.pid}/coredump_filter`, 'utf8'), /^0+\n$/);
    }
    const isDumped = dumpsIntoFolder();
    if (isDumped) spawnSync('prlimit', ['--core=unlimited', '--pid', String(running.pid)]);
    const { token } = (await app.dir.read('a1')) as { token: { refresh_token: string } };
    running.process.kill('SIGABRT');
    await running.ended;
    const dumps = readdirSync(app.dir.path).filter((name) => name.startsWith('core'));
    assert.is(dumps.length > 0, isDumped, dumps.join());
    for (const name of dumps) assert.not.ok(readFileSync(app.dir.at(name)).includes(token.refresh_token), name);
  }));

test('SIGUSR2 writes a report of the state into the log, without a secret', () =>
  withApp({ accounts }, async (app) => {
    const running = await app.headless();
    running.process.kill('SIGUSR2');
    const { report } = JSON.parse(await line(running, /Report of the state/)) as { report: Record<string, unknown> };
    assert.is(report.pid, running.pid);
    assert.equal(Object.keys((report.accounts as object[])[0] ?? {}).slice(0, 3), ['email', 'file', 'state']);
    const { token } = await app.dir.read('a1');
    for (const secret of [String(token.refresh_token), String(token.access_token), 'sk-test-key']) {
      assert.not(JSON.stringify(report).includes(secret));
    }
    await running.stop();
  }));

test('SIGHUP to a supervisor without a terminal reads settings, client keys and account files anew', () =>
  withApp({ accounts }, async (app) => {
    const running = await app.headless();
    const file = app.dir.at('settings.json');
    const settings = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const followed = app.dir.at('other.log');
    writeFileSync(file, JSON.stringify({ ...settings, log: { files: [followed], level: 'debug' } }));
    running.process.kill('SIGHUP');
    await line(running, /Asked to read everything anew/);
    await line(running, /settings changed: log\.level, log\.files/);
    await line(running, new RegExp(`Cannot follow ${followed}`));
    await line(running, /Pool reloaded/);
    await running.stop();
  }));

test('notices of a proxy without a screen are in another language as soon as the settings say so', () =>
  withApp({ accounts }, async (app) => {
    const notices = app.dir.at('notices');
    await app.dir.settings({
      ...googleSettings(app.google),
      proxy: { port: 0, apiKey: API_KEY },
      notify: { command: `cat >> ${notices}`, format: 'text' },
      ui: { language: 'en' },
    });
    const running = await app.headless();
    const told = async (): Promise<string> => {
      writeFileSync(notices, '');
      await app.run(['notify', 'test']);
      return readFileSync(notices, 'utf8');
    };
    assert.match(await told(), /: a test: whoever reads this/);
    await app.run(['config', 'set', 'ui.language', 'ko']);
    await line(running, /ui\.language/);
    assert.match(await told(), /의 regrant: 시험 알림입니다/);
  }));

test.run();
