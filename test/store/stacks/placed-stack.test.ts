import { writeFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { placedStack } from '../../../src/store/stacks/placed-stack.js';
import { withApp } from '../../support/app.js';
import { withDirectory } from '../../support/directory.js';

test('a stack names the lines of the sources where there is a source map beside the file, and is else as it was', () =>
  withDirectory((dir) => {
    const text = '// a line\n\nexport function fails(): never {\n  throw new Error("a bug");\n}\n';
    const { code, map } = transformSync(text, {
      loader: 'ts',
      minify: true,
      sourcemap: 'external',
      sourcefile: '../src/some/fails.ts',
    });
    const file = dir.at('dist.js');
    writeFileSync(`${file}.map`, map);
    const column = code.indexOf('new Error') + 1;
    const [placed, unplaced, node] = placedStack(
      `at fails (file://${file}:1:${column})\nat other (${file}x.js:1:2)\nat node:internal/main:1:2`,
    ).split('\n');
    assert.match(placed ?? '', /^at fails \((.*\/)?src\/some\/fails\.ts:4:9\)$/);
    assert.is(unplaced, `at other (${file}x.js:1:2)`);
    assert.is(node, 'at node:internal/main:1:2');
    writeFileSync(`${file}.map`, '{"version":3');
    assert.is(placedStack(`at fails (${file}:1:${column})`), `at fails (${file}:1:${column})`);
    return Promise.resolve();
  }));

test('a crash of the built program tells the lines of the sources, with the names of functions', () =>
  withApp({}, async (app) => {
    const broken = "process.stdout.write = () => { throw new TypeError('cannot be written') }";
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(broken)}` };
    // a script of its own, and the program
    for (const verb of ['status', 'accounts']) {
      const { status, stderr } = await app.run([verb], { env });
      assert.is(status, 70, stderr);
      assert.match(stderr, /TypeError: cannot be written/);
      assert.match(stderr, /at say \(src\/commands\/context\.ts:\d+:\d+\)/);
      assert.not.match(stderr, /dist\//);
    }
  }));

test.run();
