/** What a box lacks or adds, as whoever starts the program there sees it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { holdNodeWarnings } from '../../src/commands/node-warnings.js';
import { isOutOfDescriptors } from '../../src/commands/out-of-descriptors.js';
import { app as program, withApp } from '../support/app.js';
import { withDirectory } from '../support/directory.js';

const ann = { id: 'a1', email: 'ann@example.com', refreshToken: '1//0good-token-of-ann' };

/** How a start ends with so many descriptors; one that serves is stopped. */
async function startWith(
  descriptors: number,
  folder: string,
): Promise<{ readonly end: string; readonly said: string }> {
  const line = `ulimit -n ${descriptors}; exec "$0" "$@"`;
  const words = ['-c', line, process.execPath, program, '--headless', '--data-dir', folder];
  const env = { PATH: process.env.PATH, REGRANT_PROXY_PORT: '0' };
  const child = spawn('/bin/sh', words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const ends: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (!text.includes('serves on')) return;
    ends.push('serves');
    child.kill('SIGKILL');
  });
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { end: ends[0] ?? String(status ?? signal), said };
}

test('too few descriptors to start are said as that, whatever cannot be opened; else it serves', () =>
  withDirectory(async (dir) => {
    for (const descriptors of [18, 19, 20, 22, 24, 32, 48]) {
      const { end, said } = await startWith(descriptors, dir.at(`data${descriptors}`));
      // below some twenty Node itself cannot start: Node 24 reads the package.json of the folders above before the program
      const isBeforeUs = /^node:internal\/modules\/run_main[^]*too many open files/.test(said);
      const isNodesOwn = isBeforeUs || /^SIG(?:SEGV|ABRT)$/.test(end) || said.includes(`open '${program}'`);
      // the control socket is opened last, when the proxy listens already
      const isTold =
        /^(?:3|serves)$/.test(end) && /^regrant: .*(too few file descriptors|too many open files)[^\n]*\n$/.test(said);
      assert.ok(
        (descriptors < 24 && isNodesOwn) || isTold || (end === 'serves' && said === ''),
        `${descriptors}: ${end}\n${said}`,
      );
    }
  }));

test('a package that is missing while files can be opened is no lack of descriptors', () => {
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  assert.not(isOutOfDescriptors(missing));
  for (const code of ['EMFILE', 'ENFILE']) assert.ok(isOutOfDescriptors(Object.assign(new Error(code), { code })));
});

test('without database.url nothing of PostgreSQL is loaded, by a start or a command', () =>
  withApp({ accounts: [ann] }, async (app) => {
    const [hook, to] = [app.dir.at('loaded.mjs'), app.dir.at('loaded.txt')];
    writeFileSync(
      hook,
      `import { appendFileSync } from 'node:fs'; import { createRequire } from 'node:module';
      process.on('exit', () => appendFileSync('${to}', Object.keys(createRequire(import.meta.url).cache).join('\\n')));`,
    );
    const env = { NODE_OPTIONS: `--import ${hook}` };
    const packages = (): readonly string[] => {
      const names = [...readFileSync(to, 'utf8').matchAll(/node_modules\/(pg[^/]*)\//g)].map(([, name = '']) => name);
      return [...new Set(names)].sort();
    };
    await (await app.headless(env)).stop();
    for (const words of [['accounts'], ['usage'], ['status'], ['doctor']]) await app.run(words, { env });
    assert.equal(packages(), []);
    const named = { ...env, REGRANT_DATABASE_URL: 'postgres://u@127.0.0.1:1/x' };
    assert.match((await app.run(['boxes'], { env: named })).stderr, /database\.key is missing/);
    assert.ok(packages().includes('pg'), packages().join());
  }));

test("Node's own warnings go into the log, and none to the terminal", () =>
  withApp({ accounts: [ann] }, async (app) => {
    const hook = app.dir.at('warns.mjs');
    const warn = "process.emitWarning('a warning of Node', 'DeprecationWarning')";
    writeFileSync(hook, `process.on('SIGWINCH', () => ${warn});`);
    const running = await app.headless({ NODE_OPTIONS: `--import ${hook}` });
    running.process.kill('SIGWINCH');
    const isTold = (): boolean => running.lines.some((line) => line.includes('Node warns: DeprecationWarning'));
    while (!isTold()) await new Promise((resolve) => setTimeout(resolve, 20));
    const { stderr } = await running.stop();
    assert.is(stderr, '');
  }));

test('an attached screen holds them back until it has ended', async () => {
  const held = holdNodeWarnings();
  process.emitWarning('another warning', 'ExperimentalWarning');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(held, ['Node warns: ExperimentalWarning: another warning']);
});

test.run();
