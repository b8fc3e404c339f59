/** What a box lacks or adds, as whoever starts the program there sees it. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { holdNodeWarnings } from '../../src/commands/node-warnings.js';
import { isOutOfDescriptors } from '../../src/commands/out-of-descriptors.js';
import { app as program, withApp } from '../support/app.js';
import { withDirectory } from '../support/directory.js';

const ann = { id: 'a1', email: 'ann@example.com', refreshToken: '1//0good-token-of-ann' };

test('too few descriptors to start are said as that, whatever package seems to be missing', () =>
  withDirectory((dir) => {
    for (const descriptors of [40, 48]) {
      const line = `ulimit -n ${descriptors}; exec "$0" "$@"`;
      const { status, stdout, stderr } = spawnSync(
        '/bin/sh',
        ['-c', line, process.execPath, program, '--headless', '--data-dir', dir.path],
        { encoding: 'utf8', env: { PATH: process.env.PATH } },
      );
      assert.equal([status, stdout], [3, ''], stderr);
      assert.match(stderr, /^regrant: there are too few file descriptors to start: raise the limit \(`ulimit -n`/);
    }
  }));

test('a package that is missing while files can be opened is no lack of descriptors', () => {
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  assert.not(isOutOfDescriptors(missing));
  for (const code of ['EMFILE', 'ENFILE']) assert.ok(isOutOfDescriptors(Object.assign(new Error(code), { code })));
});

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
