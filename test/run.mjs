// Runs the tests: every test/**/*.test.ts in a process of its own, so that a leak, a crash or a global in one cannot
// touch another. Arguments are parts of paths to run only some: `npm test -- store/ demo`.
// A file that failed beside others runs once more at the end with the machine for itself, and that run counts: what fails
// twice is a fault, and what fails once is said.
// The last line is `N passed, N failed` (and `, N skipped`); the exit status is 1 if anything failed.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { bundle, bundled, host, laidScripts, looksAtPlaces, placed } from './bundle.mjs';
import { inLanes, secondsOfChildren } from './lanes.mjs';
import { keepCosts, processesFor } from './sharing.mjs';
import { transpile } from './transpile.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const fileTimeoutMs = 120_000;
/** Where more files failed it was not the machine, and none runs again. */
const MOST_AGAIN = 6;

/** A test makes much that is short-lived: V8's own bounds have it collect that ten times as often. */
const flags = ['--min-semi-space-size=16', '--max-semi-space-size=32'];

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

let ofChildren = secondsOfChildren();
/** Seconds of a core that the child process used which has just ended. */
function secondsOfLast() {
  const before = ofChildren;
  ofChildren = secondsOfChildren();
  return before === null ? null : ofChildren - before;
}

/** Starts Node in a group of its own; what it says goes to `heard`. @returns how it ended, once all it started is gone */
function started(args, heard) {
  const child = spawn(process.execPath, [...flags, ...args], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child.pid);
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => heard(text, stream === child.stdout));
  let cpu = null;
  child.on('exit', () => {
    cpu = secondsOfLast();
    // Whatever the test left running holds the pipes open: it goes with it.
    killGroup(child.pid);
  });
  const ended = new Promise((done) => {
    child.on('close', (status, signal) => {
      running.delete(child.pid);
      done({ status, how: signal ?? status, cpu });
    });
  });
  return { ended, kill: () => killGroup(child.pid) };
}

/** One test file while it runs: what it says, and how long. */
class Run {
  output = '';
  why = '';
  startedAt = performance.now();

  constructor(file, kill) {
    this.file = file;
    this.timer = setTimeout(() => {
      this.why = `no end in ${fileTimeoutMs / 1000} s`;
      kill();
    }, fileTimeoutMs);
  }

  /** @param beside - files that ran before it in the same process */
  async end({ status, how, cpu }, beside = []) {
    clearTimeout(this.timer);
    // of a crash Node shows the line of the code, which is all of the bundle
    const plain = stripVTControlCharacters(this.output).replace(/^(.{200}).{9800,}$/gm, '$1 …');
    const counts = counted(plain);
    let { why } = this;
    if (counts.passed + counts.failed + counts.skipped === 0) why ||= 'no test ran';
    if (status !== 0 && counts.failed === 0) why ||= `ended with ${how}`;
    if (why) counts.failed += 1;
    const seconds = (performance.now() - this.startedAt) / 1000;
    costs[this.file] = [seconds, cpu].map((one) => (one === null ? null : Math.round(one * 10) / 10));
    const words = `${counts.passed} passed, ${seconds.toFixed(1)} s${why && `: ${why}`}`;
    const isLast = isAgain || counts.failed === 0;
    console.log(`${isLast ? (counts.failed ? 'FAILED' : 'ok    ') : 'failed'} ${this.file}  ${words}`);
    if (withoutPostgres(plain)) console.log(`SKIPPED in ${this.file}: what needs a PostgreSQL, since none runs here`);
    if (counts.failed) {
      if (beside.length > 0) console.log(`    (in one process after ${beside.join(', ')})`);
      console.log((await placed(plain, this.file, files)).replace(/^/gm, '    '));
    }
    if (isLast) count(this.file, counts);
    else failed.push({ file: this.file, counts });
  }
}

async function runAlone(file) {
  let child = null;
  const run = new Run(file, () => child.kill());
  const args = [...(looksAtPlaces(file) ? ['--enable-source-maps'] : []), bundled(file)];
  child = started(args, (text) => (run.output += text));
  await run.end(await child.ended);
}

/** No word of a test. */
const mark = `${process.pid} ${performance.timeOrigin} `;

/** Runs these files in one process, one after the other. @returns those that have to run in another one */
async function runTogether(list, keeps) {
  const done = [];
  let run = null;
  let rest = '';
  let ends = Promise.resolve();
  const told = ({ begins, ends: file, status, cpu }) => {
    if (begins !== undefined) run = new Run(begins, () => child.kill());
    else {
      const [ended, beside] = [run, [...done]];
      done.push(file);
      run = null;
      ends = ends.then(() => ended.end({ status, how: status, cpu }, beside));
    }
  };
  const heard = (text, isOut) => {
    if (!isOut) {
      if (run !== null) run.output += text;
      else late += text;
      return;
    }
    const parts = (rest + text).split('\n');
    rest = parts.pop();
    for (const line of parts) {
      if (line.startsWith(mark)) told(JSON.parse(line.slice(mark.length)));
      else if (run !== null) run.output += `${line}\n`;
    }
  };
  let late = '';
  const child = started([host, mark, keeps ? 'keep' : '', ...laidScripts.paths, ...list], heard);
  const { status, how, cpu } = await child.ended;
  await ends;
  if (run !== null) {
    run.output += rest;
    await run.end({ status, how, cpu }, done);
    done.push(run.file);
  } else if (status !== 0) {
    console.log(`FAILED a process ended with ${how} after ${list.slice(0, done.length).join(', ')}\n${late}`);
    totals.failed += 1;
    if (done.length === 0) return [];
  }
  return list.slice(done.length);
}

/** Runs files that failed beside others once more, one by one; of very many the first run counts. */
async function runAgain() {
  if (failed.length > MOST_AGAIN) {
    for (const { file, counts } of failed) count(file, counts);
    return;
  }
  isAgain = true;
  for (const { file } of failed) {
    console.log(`again  ${file}, which failed beside others, by itself`);
    await runAlone(file);
  }
}

/** The files that failed so far, with what each counts if it does not run again. */
const failed = [];
let isAgain = false;
const costs = {};
const onTerminals = { passed: 0, skipped: 0 };
function count(file, counts) {
  for (const key of Object.keys(totals)) totals[key] += counts[key];
  if (file.includes('/pty/')) for (const key of Object.keys(onTerminals)) onTerminals[key] += counts[key];
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
const { lists, shareOf } = processesFor(files);
await inLanes(lists, shareOf, async (list) => {
  if (list.length === 1) await runAlone(list[0]);
  else for (let left = list; left.length > 0;) left = await runTogether(left, list === lists[0]);
});
await runAgain();
keepCosts(costs);
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
