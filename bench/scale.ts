/**
 * How the cost of everything grows with the number of accounts: a supervisor of its own for each size, a stand-in Google
 * and upstream on the same machine. Each figure has a gate, and what should not depend on the number has an exponent from
 * the last size but one to the last (1: it grows as the number does).
 *
 * `npm run bench -- scale [--sizes 10,100,1000,5000,20000] [--before …/dist/app.js]`. Prints a table and, for scripts,
 * JSON lines; exit 1: a gate is missed, or a figure of a gate. With another build all that it can be asked is measured of
 * it too, and what a start takes by turns: its time in ms depends on what else the machine does, the ratio does not.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { startGoogle, type SimulatedGoogle } from '../src/demo/google.js';
import { invalidGrant, tokenRateLimited } from '../src/demo/refusals.js';
import { cpuMicroseconds, upstream as startUpstream } from './candidates.js';
import { load, share } from './load.js';
import { BenchPool, BenchRun, tokenOf } from './scale-pool.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { sizes: { type: 'string', default: '10,100,1000,5000,20000' }, before: { type: 'string' } },
});
const sizes = options.sizes.split(',').map(Number);

/** How a figure may grow: what looks at all accounts, what looks at one of them, and what is bounded by its gate alone. */
type Growth = 'all' | 'one' | 'bounded';
const MOST_GROWTH: Readonly<Record<Growth, number>> = { all: 1.05, one: 0.1, bounded: Infinity };

/** Every figure: its gate at 20,000 accounts, and how it may grow. */
const rows = {
  'start to serving, ms': [800, 'all'],
  'refreshes in the ten seconds after a start': [60, 'bounded'],
  'import, CPU a token, ms': [12, 'one'],
  'requests beside an import, p99, ms': [20, 'bounded'],
  'add, ms': [250, 'one'],
  'status, supervisor CPU, ms': [2, 'bounded'],
  'accounts, ms': [500, 'all'],
  'accounts --json, ms': [1_000, 'all'],
  'attach, first paint, ms': [600, 'all'],
  'requests beside an attaching screen, worst, ms': [20, 'bounded'],
  'R, ms': [300, 'all'],
  'requests beside R, worst, ms': [20, 'bounded'],
  'state, bytes a change': [1_024, 'one'],
  'state, kB a minute at 5 changes a second': [1_000, 'one'],
  'idle CPU a minute, ms': [1_000, 'bounded'],
  'idle CPU a minute with a screen, ms': [1_500, 'bounded'],
  'memory, idle, MB': [250, 'bounded'],
  'memory, peak, MB': [350, 'bounded'],
  'stop after all have served, ms': [2_000, 'all'],
  'own 503, CPU µs': [200, 'one'],
  'every grant dead, exchanges of one request': [20, 'bounded'],
  'every grant dead, until its 503, s': [6, 'bounded'],
  'asked after a 429 until its Retry-After, import': [2, 'bounded'],
  'asked after a 429 until its Retry-After, T': [2, 'bounded'],
  'asked after a 429 until its Retry-After, schedule': [2, 'bounded'],
  'told as failed of these': [0, 'bounded'],
  'first paint of a start, ms': [1_000, 'all'],
  'a listing of files of 7.4 kB: accounts missing': [0, 'bounded'],
  '20,000 log lines of 16,000 Hangul, MB': [33, 'bounded'],
  'a filter over them, ms': [100, 'bounded'],
} as const satisfies Record<string, readonly [gate: number, growth: Growth]>;
type Row = keyof typeof rows;

const measured = new Map<Row, number[]>();
/** The same of another build. */
const before = new Map<Row, number[]>();
/** What is measured now is of this build; null: of the own one. */
let other: string | null = null;
function note(row: Row, value: number): void {
  const figures = other === null ? measured : before;
  figures.set(row, [...(figures.get(row) ?? []), value]);
  console.error(`  ${row}${other === null ? '' : ', before'}: ${value.toPrecision(4)}`);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const cpuMs = (pid: number): number => cpuMicroseconds([pid]) / 1_000;

/** How long an act takes, and the requests that are sent one after the other meanwhile. */
async function beside(port: number, act: () => Promise<unknown>): Promise<{ ms: number; requests: number[] }> {
  const requests: number[] = [];
  const state = { isOver: false };
  const asking = (async () => {
    while (!state.isOver) requests.push((await load(port, 1, 1)).p50Ms);
  })();
  const startedAt = performance.now();
  await act();
  const ms = performance.now() - startedAt;
  state.isOver = true;
  await asking;
  return { ms, requests };
}

/** The least of three: what else the machine does only adds to it. */
async function best(act: () => Promise<number>): Promise<number> {
  const times = [await act(), await act(), await act()];
  return Math.min(...times);
}

/** Starts of this build and of the one before it by turns: the best of each, and their ratio. */
async function startsBeside(pool: BenchPool, otherApp: string): Promise<void> {
  const started = async (app?: string): Promise<number> => {
    const run = await BenchRun.start(pool, app);
    await run.stop();
    return run.startMs;
  };
  for (const [what, act] of Object.entries({ started, painted: (app?: string) => painted(pool, app) })) {
    const times: (readonly [now: number, before: number])[] = [];
    for (let round = 0; round < 3; round++) times.push([await act(), await act(otherApp)]);
    const [now, then] = [Math.min(...times.map(([ms]) => ms)), Math.min(...times.map(([, ms]) => ms))];
    const figure = `${what}, ms: ${now.toFixed(0)}, before ${then.toFixed(0)}, ratio ${(now / then).toFixed(2)}`;
    console.log(`| ${pool.accounts} accounts, a start until it has ${figure} |`);
  }
}

/** So many tokens are imported: the burst, and the first seconds of the rate. */
const IMPORTED = 40;
const SERVED_MOST = 40_000;
/** What a start leaves to be cleared up is over by then. */
const AFTER_START_MS = 10_000;

/** What the processes use in a minute in which nothing happens, ms; of few accounts a third of one is looked at. */
async function idleMs(pids: readonly number[], accounts: number): Promise<number> {
  const lookedMs = accounts < 5_000 ? 20_000 : 60_000;
  const before = cpuMicroseconds(pids);
  await pause(lookedMs);
  return ((cpuMicroseconds(pids) - before) / 1_000) * (60_000 / lookedMs);
}

/** Imports tokens that nobody has, from this number on, six at a time as the command does. @returns how each ended */
async function importing(run: BenchRun, google: SimulatedGoogle, from: number): Promise<readonly string[]> {
  const waiting = Array.from({ length: IMPORTED }, (_, index) => from + index);
  for (const number of waiting) google.grant(tokenOf(number), { email: `user.${number}@example.com` });
  const extras = { ownClient: null, projectId: null, file: null };
  const outcomes: string[] = [];
  const work = async (): Promise<void> => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const given = { refreshToken: tokenOf(number), client: null, ...extras };
      outcomes.push((await run.control.request('importToken', [given])).outcome);
    }
  };
  await Promise.all([work(), work(), work(), work(), work(), work()]);
  return outcomes;
}

/** @param idle - what the process uses anyway, ms a minute: the brake of the token endpoint makes an import last */
async function imports(run: BenchRun, google: SimulatedGoogle, from: number, idle: number): Promise<void> {
  const perToken: number[] = [];
  for (let round = 0; round < 3; round++) {
    const [before, startedAt] = [cpuMs(run.pid), performance.now()];
    await importing(run, google, from + round * IMPORTED);
    const anyway = ((performance.now() - startedAt) * idle) / 60_000;
    perToken.push((cpuMs(run.pid) - before - anyway) / IMPORTED);
  }
  note('import, CPU a token, ms', Math.min(...perToken));
  const { requests } = await beside(run.port, () => importing(run, google, from + 3 * IMPORTED));
  note('requests beside an import, p99, ms', share(requests, 0.99));
}

function stateBytes(folder: string): number {
  try {
    return statSync(path.join(folder, 'state', 'accounts.jsonl')).size;
  } catch {
    return 0;
  }
}

async function atSize(accounts: number, google: SimulatedGoogle, upstreamUrl: string): Promise<void> {
  console.error(`${accounts} accounts`);
  const pool = await BenchPool.make(accounts, google, upstreamUrl);
  try {
    const calls = google.calls.token.length;
    const overdue = await BenchRun.start(pool);
    await pause(10_000);
    note('refreshes in the ten seconds after a start', google.calls.token.length - calls);
    await overdue.stop();
    await pool.settle();
    const starts = await best(async () => {
      const started = await BenchRun.start(pool);
      await started.stop();
      return started.startMs;
    });
    note('start to serving, ms', starts);
    if (options.before !== undefined) {
      await startsBeside(pool, options.before);
      await otherBuild(pool, options.before, accounts);
    }
    const run = await BenchRun.start(pool);
    await pause(AFTER_START_MS);
    const idle = await idleMs([run.pid], accounts);
    note('idle CPU a minute, ms', idle);
    note('memory, idle, MB', run.memoryMb('VmRSS'));
    await asking(pool, run, google, accounts);
    await imports(run, google, accounts + 1_000_000, idle);
    await load(run.port, 32, Math.min(SERVED_MOST, 2 * accounts));
    note('memory, peak, MB', run.memoryMb('VmHWM'));
    note('stop after all have served, ms', await run.stop());
    note('first paint of a start, ms', await best(() => painted(pool)));
  } finally {
    await pool.remove();
  }
  await nobodyServes(accounts, google, upstreamUrl);
}

/** What another build can be asked on the same pool, whatever protocol it speaks. */
async function otherBuild(pool: BenchPool, app: string, accounts: number): Promise<void> {
  other = app;
  try {
    const run = await BenchRun.start(pool, app);
    await pause(AFTER_START_MS);
    note('idle CPU a minute, ms', await idleMs([run.pid], accounts));
    note('memory, idle, MB', run.memoryMb('VmRSS'));
    note('accounts, ms', await best(async () => (await pool.verb(['accounts'], '', app)).ms));
    note('accounts --json, ms', await best(async () => (await pool.verb(['accounts', '--json'], '', app)).ms));
    note('attach, first paint, ms', await best(() => painted(pool, app)));
    if (run.isUnderstood) await reloads(run);
    else console.log(`| ${pool.accounts} accounts, the build before | speaks another protocol: not asked for R |`);
    await load(run.port, 32, Math.min(SERVED_MOST, 2 * accounts));
    note('memory, peak, MB', run.memoryMb('VmHWM'));
    note('stop after all have served, ms', await run.stop());
    await pool.settle();
  } finally {
    other = null;
  }
}

/** Opens a screen and closes it. @returns ms until it showed the accounts */
async function painted(pool: BenchPool, app?: string): Promise<number> {
  const screen = await pool.screen(app);
  await screen.close();
  return screen.ms;
}

/** A screen has all rows after so long. */
const ATTACHED_MS = 2_000;

async function attached(pool: BenchPool): Promise<void> {
  const screen = await pool.screen();
  await pause(ATTACHED_MS);
  await screen.close();
}

/** So many accounts are asked about for the state's bytes a minute. */
const CHANGED = 120;
const LOOK_EVERY_MS = 200;

/** What the state writes while `doctor` asks about accounts at five a second, new pictures too, kB a minute. */
async function changeRate({ folder }: BenchPool, { control }: BenchRun): Promise<number> {
  const ready = (await control.request('accounts', [])).filter(({ state }) => state === 'ready');
  const ids = ready.slice(0, CHANGED).map(({ id }) => String(id));
  const picture = (): { readonly ino: number; readonly size: number } =>
    statSync(path.join(folder, 'state', 'accounts.json'), { throwIfNoEntry: false }) ?? { ino: 0, size: 0 };
  const startedAt = performance.now();
  const asking = { isOver: false };
  const asked = control.request('checkNow', [ids]).finally(() => (asking.isOver = true));
  let [bytes, journal, { ino }] = [0, stateBytes(folder), picture()];
  while (!asking.isOver) {
    await pause(LOOK_EVERY_MS);
    const [now, last] = [stateBytes(folder), picture()];
    bytes += now >= journal ? now - journal : now;
    if (last.ino !== ino) bytes += last.size;
    [journal, ino] = [now, last.ino];
  }
  await asked;
  return (bytes / 1_000 / (performance.now() - startedAt)) * 60_000;
}

/**
 * What refreshes leave in the journal: the least of some rounds, since what the schedule and the minute of usage write
 * meanwhile only adds to it. A compaction in between makes it shorter, and that round does not count: what it writes is
 * at most as much again, and in the bytes a minute.
 */
async function changeBytes({ folder }: BenchPool, { control }: BenchRun): Promise<number> {
  const ready = (await control.request('accounts', [])).filter(({ state }) => state === 'ready');
  const rounds: number[] = [];
  for (let from = 0; from < 50 && rounds.length < 5; from += 5) {
    const some = ready.slice(from % ready.length, (from % ready.length) + 5);
    const before = stateBytes(folder);
    await control.request('testNow', [some.map(({ id }) => String(id))]);
    await pause(1_500);
    const now = stateBytes(folder);
    if (now > before) rounds.push((now - before) / some.length);
  }
  return rounds.length === 0 ? NaN : Math.min(...rounds);
}

/** What commands and screens ask of a supervisor. */
async function asking(pool: BenchPool, run: BenchRun, google: SimulatedGoogle, accounts: number): Promise<void> {
  const before = cpuMs(run.pid);
  for (let round = 0; round < 10; round++) await run.control.request('status', []);
  note('status, supervisor CPU, ms', (cpuMs(run.pid) - before) / 10);
  note('accounts, ms', await best(async () => (await pool.verb(['accounts'])).ms));
  note('accounts --json, ms', await best(async () => (await pool.verb(['accounts', '--json'])).ms));
  let added = accounts + 2_000_000;
  const adds = await best(async () => {
    google.grant(tokenOf(++added), { email: `user.${added}@example.com` });
    return (await pool.verb(['add'], tokenOf(added))).ms;
  });
  note('add, ms', adds);
  note('state, bytes a change', await changeBytes(pool, run));
  note('state, kB a minute at 5 changes a second', await changeRate(pool, run));
  await reloads(run);
  note('attach, first paint, ms', await best(() => painted(pool)));
  const attaching = [];
  for (let round = 0; round < 3; round++) attaching.push(await beside(run.port, () => attached(pool)));
  note(
    'requests beside an attaching screen, worst, ms',
    Math.min(...attaching.map(({ requests }) => Math.max(...requests))),
  );
  const screen = await pool.screen();
  await pause(AFTER_START_MS);
  note('idle CPU a minute with a screen, ms', await idleMs([run.pid, screen.pid], accounts));
  await screen.close();
}

const FIRST_REQUESTS = 50;

async function reloads({ port, control }: BenchRun): Promise<void> {
  // the first requests of a process find nothing compiled, with `R` or without
  await load(port, 1, FIRST_REQUESTS);
  const rounds = [];
  for (let round = 0; round < 3; round++) rounds.push(await beside(port, () => control.request('reload', [])));
  note('R, ms', Math.min(...rounds.map(({ ms }) => ms)));
  note('requests beside R, worst, ms', Math.min(...rounds.map(({ requests }) => Math.max(...requests))));
}

/** The engine has compiled what an answer needs after so many: a storm of clients sends more. */
const FIRST_ASKED = 15_000;
const ASKED_OF_NOBODY = 10_000;

async function nobodyServes(accounts: number, google: SimulatedGoogle, upstreamUrl: string): Promise<void> {
  const pool = await BenchPool.make(accounts, google, upstreamUrl, { mix: 'all dead' });
  try {
    const run = await BenchRun.start(pool);
    await pause(AFTER_START_MS);
    await load(run.port, 8, FIRST_ASKED);
    const us = await best(async () => {
      const before = cpuMs(run.pid);
      await load(run.port, 8, ASKED_OF_NOBODY);
      return ((cpuMs(run.pid) - before) * 1_000) / ASKED_OF_NOBODY;
    });
    note('own 503, CPU µs', us);
    await run.stop();
  } finally {
    await pool.remove();
  }
}

/** What one request asks of a pool whose grants are all dead, and how long it takes. */
async function deadGrants(accounts: number, google: SimulatedGoogle, upstreamUrl: string): Promise<void> {
  const pool = await BenchPool.make(accounts, google, upstreamUrl, { mix: 'all expired' });
  try {
    // nothing is the schedule's today
    await pool.settle();
    const run = await BenchRun.start(pool);
    google.script('*', invalidGrant(), Infinity);
    const calls = google.calls.token.length;
    const { p50Ms } = await load(run.port, 1, 1);
    note('every grant dead, exchanges of one request', google.calls.token.length - calls);
    note('every grant dead, until its 503, s', p50Ms / 1_000);
    await run.stop();
  } finally {
    google.unscript('*');
    await pool.remove();
  }
}

const RETRY_AFTER_S = 5;
/** So many accounts are asked about or imported. */
const ASKED_AT_ONCE = 60;

/** How many exchanges arrive after a 429 was sent until its Retry-After is over: what was on its way then, too. */
async function askedInPause(google: SimulatedGoogle, act: () => Promise<void>): Promise<number> {
  const calls = google.calls.token.length;
  google.script('*', tokenRateLimited(RETRY_AFTER_S), 1);
  await act();
  const [first = { at: 0 }, ...others] = google.calls.token.slice(calls);
  return others.filter(({ at }) => at < first.at + RETRY_AFTER_S * 1_000).length;
}

/** A token endpoint that asks for a pause: who asks it all the same, and what is told as failed. */
async function inPauses(accounts: number, google: SimulatedGoogle, upstreamUrl: string): Promise<void> {
  const pool = await BenchPool.make(accounts, google, upstreamUrl);
  try {
    let failed = 0;
    let run: BenchRun | null = null;
    const schedule = await askedInPause(google, async () => {
      run = await BenchRun.start(pool);
      await pause(3 * RETRY_AFTER_S * 1_000);
      await run.stop();
    });
    note('asked after a 429 until its Retry-After, schedule', schedule);
    await pool.settle();
    const settled = await BenchRun.start(pool);
    const ready = (await settled.control.request('accounts', [])).filter(({ state }) => state === 'ready');
    const ids = ready.slice(0, ASKED_AT_ONCE).map(({ id }) => String(id));
    const tests = await askedInPause(google, async () => {
      failed += (await settled.control.request('testNow', [ids])).filter(({ ok }) => !ok).length;
    });
    note('asked after a 429 until its Retry-After, T', tests);
    const imported = await askedInPause(google, async () => {
      failed += (await importing(settled, google, accounts + 3_000_000)).filter(
        (outcome) => outcome !== 'added',
      ).length;
    });
    note('asked after a 429 until its Retry-After, import', imported);
    await settled.stop();
    const log = readFileSync(path.join(pool.folder, 'logs', 'regrant.log'), 'utf8');
    note('told as failed of these', failed + log.split('Token refresh failed').length - 1);
  } finally {
    google.unscript('*');
    await pool.remove();
  }
}

/** Whether a listing that is larger than any message comes whole: 150 MB of 20,000 accounts. */
async function largeListing(accounts: number, google: SimulatedGoogle, upstreamUrl: string): Promise<void> {
  const pool = await BenchPool.make(accounts, google, upstreamUrl, { mix: 'all ready', bytes: 7_400 });
  try {
    await pool.settle();
    const run = await BenchRun.start(pool);
    const { stdout } = await pool.verb(['accounts', '--json']);
    const listed = v.parse(v.array(v.object({ id: v.string() })), JSON.parse(stdout));
    console.error(`  (${(stdout.length / 1e6).toFixed(0)} MB)`);
    note('a listing of files of 7.4 kB: accounts missing', accounts - new Set(listed.map(({ id }) => id)).size);
    await run.stop();
  } finally {
    await pool.remove();
  }
}

/** What a log full of the longest lines of another program takes, and a filter over it. */
function longLines(): void {
  const program = path.join(import.meta.dirname, 'long-lines.ts');
  const given = ['--expose-gc', '--import', 'tsx', program];
  const { stdout } = spawnSync(process.execPath, given, { encoding: 'utf8' });
  const { mb, filterMs } = v.parse(v.object({ mb: v.number(), filterMs: v.number() }), JSON.parse(stdout));
  note('20,000 log lines of 16,000 Hangul, MB', mb);
  note('a filter over them, ms', filterMs);
}

/** How a row grew from the last size but one to the last; NaN: that is not known. */
function exponentOf(figures: readonly number[]): number {
  const [small = NaN, large = NaN] = sizes.slice(-2);
  const [first = NaN, last = NaN] = figures.length < sizes.length ? [] : figures.slice(-2);
  return Math.log(last / first) / Math.log(large / small);
}

/** Prints the table. @returns whether all gates are held; one without a figure is not */
function report(): boolean {
  let isHeld = true;
  console.log(`| figure | ${sizes.join(' | ')} | gate | growth | |\n| --- |${' --- |'.repeat(sizes.length + 3)}`);
  for (const [name, [gate, growth]] of Object.entries(rows)) {
    const figures = measured.get(name as Row) ?? [];
    const last = figures.at(-1) ?? NaN;
    const exponent = exponentOf(figures);
    const isGrowthHeld = growth === 'bounded' || sizes.length < 2 || exponent <= MOST_GROWTH[growth];
    const missed = [last <= gate ? '' : 'gate', isGrowthHeld ? '' : 'growth'].filter(Boolean);
    if (missed.length > 0) isHeld = false;
    const cells = figures.map((figure) => String(Number(figure.toPrecision(3))));
    const grown = growth === 'bounded' ? '' : `${exponent.toFixed(2)} of ${MOST_GROWTH[growth]}`;
    console.log(
      `| ${name} | ${cells.join(' | ')} | ${gate} | ${grown} | ${missed.length === 0 ? 'held' : `missed: ${missed.join(', ')}`} |`,
    );
    const others = before.get(name as Row);
    if (others !== undefined)
      console.log(`| the same before | ${others.map((one) => Number(one.toPrecision(3))).join(' | ')} | | | |`);
    console.log(
      JSON.stringify({
        ...{ bench: 'scale', figure: name, sizes, figures, gate, exponent, held: missed.length === 0 },
        before: others ?? null,
      }),
    );
  }
  return isHeld;
}

if (positionals[0] !== 'scale' && positionals.length > 0) throw new Error(`no such bench: ${positionals.join(' ')}`);
const google = await startGoogle({});
const upstream = await startUpstream();
try {
  const upstreamUrl = `http://127.0.0.1:${upstream.port}`;
  for (const size of sizes) await atSize(size, google, upstreamUrl);
  const most = sizes.at(-1) ?? 0;
  await deadGrants(most, google, upstreamUrl);
  await inPauses(Math.min(most, 2_000), google, upstreamUrl);
  await largeListing(most, google, upstreamUrl);
  longLines();
} finally {
  await upstream.stop();
  await google.close();
}
process.exitCode = report() ? 0 : 1;
