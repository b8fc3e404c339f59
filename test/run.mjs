// Runs the tests: every test/**/*.test.ts in a process of its own, so that a leak, a crash or a global in one cannot
// touch another. Arguments are parts of paths to run only some: `npm test -- store/ demo`.
// The last line is `N passed, N failed` (and `, N skipped`); the exit status is 1 if anything failed.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { bundle, bundled, looksAtPlaces, placed } from './bundle.mjs';
import { transpile } from './transpile.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

/** More than the two cores that it is made for: many tests wait for timers and disks more than they work. */
const filesAtOnce = 3;
const fileTimeoutMs = 120_000;

const running = new Set();
const killGroup = (pid) => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
};
process.on('exit', () => running.forEach(killGroup));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

const below = (folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name));
const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Some tests start dist/app.js: it has to be there and to be what src/ says. Returns how many failures that was. */
function build() {
  const how = ['package.json', 'scripts/build.mjs', 'scripts/bundling.mjs', 'scripts/lay-program.mjs'];
  const newest = Math.max(...[...below('src'), 'src', ...how].map(changedAt));
  if (changedAt('dist/app.js') > newest) return 0;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], { encoding: 'utf8' });
  if (status === 0) return 0;
  console.log(`FAILED the build of dist/\n${stdout}${stderr}`);
  return 1;
}

/** The environment without what would change the program's settings or the look of its output. */
function cleanEnvironment() {
  const foreign = /^(REGRANT_|NO_COLOR$|FORCE_COLOR$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** The sum of what uvu printed. */
function counted(output) {
  const sum = (label) =>
    [...output.matchAll(new RegExp(`^ *${label}: +(\\d+)$`, 'gm'))].reduce(
      (all, [, number]) => all + Number(number),
      0,
    );
  const [total, passed, skipped] = ['Total', 'Passed', 'Skipped'].map(sum);
  // uvu counts a skipped test in no other line.
  return { passed, skipped, failed: total - passed };
}

/** Whether tests were skipped for want of a PostgreSQL (test/support/postgres says so). */
function withoutPostgres(output) {
  const isSkipped = output.includes('SKIPPED, no PostgreSQL runs here');
  skippedForPostgres ||= isSkipped;
  return isSkipped;
}
let skippedForPostgres = false;

const env = cleanEnvironment();

function runFile(file) {
  const started = performance.now();
  const child = spawn(process.execPath, [...(looksAtPlaces(file) ? ['--enable-source-maps'] : []), bundled(file)], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child.pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((done) => {
    let why = '';
    const timer = setTimeout(() => {
      why = `no end in ${fileTimeoutMs / 1000} s`;
      killGroup(child.pid);
    }, fileTimeoutMs);
    // Whatever the test left running holds the pipes open: it goes with it.
    child.on('exit', () => killGroup(child.pid));
    child.on('close', async (status, signal) => {
      clearTimeout(timer);
      running.delete(child.pid);
      const plain = stripVTControlCharacters(output);
      const counts = counted(plain);
      if (counts.passed + counts.failed + counts.skipped === 0) why ||= 'no test ran';
      if (status !== 0 && counts.failed === 0) why ||= `ended with ${signal ?? status}`;
      if (why) counts.failed += 1;
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(
        `${counts.failed ? 'FAILED' : 'ok    '} ${file}  ${counts.passed} passed, ${seconds} s${why && `: ${why}`}`,
      );
      if (withoutPostgres(plain)) console.log(`SKIPPED in ${file}: what needs a PostgreSQL, since none runs here`);
      if (counts.failed) console.log((await placed(plain, file)).replace(/^/gm, '    '));
      done(counts);
    });
  });
}

const wanted = process.argv.slice(2);
const files = below('test')
  .filter((file) => file.endsWith('.test.ts') && (wanted.length === 0 || wanted.some((part) => file.includes(part))))
  .sort();
const totals = { passed: 0, failed: build(), skipped: 0 };
if (files.length === 0) {
  console.log(`no test file matches ${wanted.join(' ')}`);
  totals.failed += 1;
}
for (const failure of [...(await transpile()), ...(await bundle(files))]) {
  console.log(`FAILED to be read as TypeScript\n${failure}`);
  totals.failed += 1;
}
const waiting = [...files];
const onTerminals = { passed: 0, skipped: 0 };
await Promise.all(
  Array.from({ length: filesAtOnce }, async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const counts = await runFile(file);
      for (const key of Object.keys(totals)) totals[key] += counts[key];
      if (file.includes('/pty/')) for (const key of Object.keys(onTerminals)) onTerminals[key] += counts[key];
    }
  }),
);
// What a real terminal does is simulated by no other test: a run that has to show it does not pass without.
if (process.env.REGRANT_TEST_REQUIRE_PTY === '1' && (onTerminals.passed === 0 || onTerminals.skipped > 0)) {
  console.log('the tests on a real terminal (test/pty) did not all run');
  totals.failed += 1;
}
if (process.env.REGRANT_TEST_REQUIRE_POSTGRES === '1' && skippedForPostgres) {
  console.log('no PostgreSQL runs here: the tests that need one did not run');
  totals.failed += 1;
}
const skipped = totals.skipped ? `, ${totals.skipped} skipped` : '';
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed ? 1 : 0;
