// Runs the tests on every Node that regrant promises to run on: the oldest one, and the long-term ones after it. The npm
// package `node` brings each into .cache/nodes; what the tests start runs on the same one, since all of them start
// `process.execPath`. Arguments go to the test runner. One line a version, and the output of those that fail.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const wanted = ['20.19', '22', '24'];
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Path of a node of this version, installed where it is not yet. */
function nodeOf(version) {
  const folder = join(root, '.cache', 'nodes', version);
  const node = join(folder, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  // Without the package's install script there is no binary, whatever the user's own npm settings are.
  const npm = ['install', `node@${version}`, '--no-audit', '--no-fund', '--ignore-scripts=false', '--loglevel=error'];
  execFileSync('npm', npm, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return node;
}

let failed = 0;
for (const version of wanted) {
  const node = nodeOf(version);
  const is = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const run = spawnSync(node, ['test/run.mjs', ...process.argv.slice(2)], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const last = run.stdout.trim().split('\n').at(-1);
  console.log(`node ${is.padEnd(10)} ${run.status === 0 ? 'ok    ' : 'FAILED'} ${last}`);
  if (run.status !== 0) {
    failed += 1;
    console.log((run.stdout + run.stderr).replace(/^/gm, '    '));
  }
}
process.exitCode = failed ? 1 : 0;
