/** All attackers at once beside honest clients, who must not notice. The supervisor, the attackers and Google with the honest ones are three processes. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { MEMORY_ENVIRONMENT } from '../../src/commands/service/memory-environment.js';
import type { Fought, Order } from './attackers.js';
import { EVIL_MODEL } from './attacks/with-a-key.js';
import { API_KEY, type App, ask, type Headless, withApp } from './app.js';
import type { Google, GoogleAnswer } from './google.js';
import { cpuSeconds, heldBy } from './held.js';
import { type HonestFigures, quantile, startHonest } from './honest.js';
import { pause } from './pause.js';

export interface HostileHour {
  /** How often a quiet and an attacked phase follow each other. */
  readonly turns: number;
  readonly warmUpMs: number;
  readonly quietMs: number;
  readonly attackMs: number;
  /** How often each of the honest ones asks, on average. */
  readonly everyMs: number;
  readonly size: number;
}

export interface HostileFigures {
  readonly honest: number;
  readonly sent: number;
  readonly failed: readonly string[];
  /** ms: p50 and p99 of the honest ones, alone and under attack. */
  readonly quiet: readonly [number, number];
  readonly attacked: readonly [number, number];
  /** Of one core, 0 to 1: what the supervisor uses, alone with the honest ones and under attack. */
  readonly cpu: readonly [number, number];
  /** Resident memory, bytes: when the first attack began, the most at the end of a turn, at the end. */
  readonly resident: readonly [number, number, number];
  /** Descriptors: when the first attack began, and at the end. */
  readonly descriptors: readonly [number, number];
  /** Lines of honest requests in the log's files at the end. */
  readonly logged: number;
  readonly fought: Fought;
  /** It ran to the end and stopped as it was told to. */
  readonly status: number | null;
}

const HONEST = 50;
const ACCOUNTS = 20;

/** The bad answers of the hostile upstream, one after the other. */
const evil: readonly (() => GoogleAnswer)[] = [
  () => 'reset',
  () => ({ status: 200, body: { candidates: 'x'.repeat(10_000) }, cutAfterBytes: 500 }),
  () => ({ status: 200, headers: { 'content-type': 'text/event-stream' }, chunks: dripping() }),
  () => ({ status: 200, headers: { 'content-type': 'text/event-stream' }, chunks: endless() }),
  () => ({ status: 200, body: 'data: {"error":{"code":503,"message":"__proto__"}}\n\n' }),
  () => ({ status: 200, body: '['.repeat(200_000) }),
  () => ({ status: 200, body: `{"usageMetadata":{"totalTokenCount":1e308,"__proto__":${'['.repeat(500)}` }),
  () => ({ status: 503, body: '<html>' }),
  () => ({ status: 429, headers: { 'retry-after': '1' }, body: { error: { details: [{ '@type': 'constructor' }] } } }),
  () => ({ status: 200, headers: { 'x-long': 'y'.repeat(15_000), 'retry-after': '1e308' }, body: {} }),
];

async function* dripping(): AsyncGenerator<string> {
  for (let at = 0; at < 1_000; at++) {
    yield 'd';
    await pause(100);
  }
}

async function* endless(): AsyncGenerator<string> {
  for (let at = 0; at < 2_000; at++) {
    yield `data: {"candidates":[{"content":{"parts":[{"text":"${'x'.repeat(4_000)}"}]}}]}\n\n`;
    if (at % 20 === 19) await pause(50);
  }
}

function turnHostile(google: Google): void {
  let turn = 0;
  google.upstream(({ model }) => (model === EVIL_MODEL ? evil[turn++ % evil.length]?.() : undefined));
}

const LogLine = v.object({ access: v.object({ status: v.literal(200), model: v.literal('gemini-3-flash') }) });

/** Requests of the honest ones that the log's files still tell of. */
function honestLines(folder: string): number {
  const lines = readdirSync(folder)
    .filter((name) => name.includes('regrant.log'))
    .flatMap((name) => readFileSync(path.join(folder, name), 'utf8').split('\n'));
  return lines.filter((line) => line.includes('"gemini-3-flash"') && v.is(LogLine, JSON.parse(line))).length;
}

/** The attackers' program as this one runs: as TypeScript, or as what was made of it for the tests. */
function attackersFile(): string {
  const isTypeScript = process.argv[1]?.endsWith('.ts') === true;
  return isTypeScript ? path.join(import.meta.dirname, 'attackers.ts') : '.cache/tests/test/support/attackers.js';
}

const order = (attackers: ChildProcess, what: Order): boolean => attackers.send(what);

async function rest(attackers: ChildProcess): Promise<Fought> {
  order(attackers, 'rest');
  const [fought] = (await once(attackers, 'message')) as [Fought];
  return fought;
}

/**
 * Hinders the program: the reader of its log lines stops half of the time, and a terminal sends answers to questions
 * that nobody asked.
 */
async function hinder({ process: child }: Headless, app: App, ms: number): Promise<void> {
  const screen = app.terminal(['attach']);
  child.stdout?.pause();
  await pause(ms / 2);
  child.stdout?.resume();
  screen.type(`\x1b]11;rgb:${'f'.repeat(70_000)}`);
  await pause(ms / 2);
  screen.hangUp();
  await screen.ended;
  app.forget(screen);
}

async function fight(app: App, hour: HostileHour): Promise<HostileFigures> {
  const followed = app.dir.at('followed.log');
  writeFileSync(followed, '');
  turnHostile(app.google);
  const running = await app.headless({ ...MEMORY_ENVIRONMENT, REGRANT_LOG_FILES: JSON.stringify([followed]) });
  const { hostname: host, port } = new URL(running.url);
  const attackers = fork(attackersFile());
  const { pid } = running;
  const target = { host, port: Number(port), key: API_KEY, pid, socket: app.dir.at('regrant.sock') };
  order(attackers, { target: { ...target, accounts: app.dir.at('accounts'), followed, size: hour.size } });
  const honest = startHonest(running.url, HONEST, hour.everyMs);
  await pause(hour.warmUpMs);
  const before = heldBy(pid);
  let most = 0;
  const cpu = { quiet: 0, attacked: 0 };
  let fought: Fought = { rounds: {}, troubles: [] };
  for (let turn = 0; turn < hour.turns; turn++) {
    const began = cpuSeconds(pid);
    honest.phase('quiet');
    await pause(hour.quietMs);
    honest.phase('attacked');
    const attackedAt = cpuSeconds(pid);
    order(attackers, 'attack');
    await hinder(running, app, hour.attackMs);
    honest.phase('between');
    cpu.quiet += attackedAt - began;
    cpu.attacked += cpuSeconds(pid) - attackedAt;
    fought = await rest(attackers);
    most = Math.max(most, heldBy(pid).resident);
  }
  const seen = await honest.end();
  attackers.disconnect();
  // idle connections are kept for 75 s
  const after = await settled(pid, before.descriptors);
  const good = await ask(running.url);
  const { status } = await running.stop();
  if (good !== 200) throw new Error(`afterwards a request got ${good}`);
  return {
    ...figuresOf(seen),
    cpu: [(cpu.quiet * 1_000) / (hour.turns * hour.quietMs), (cpu.attacked * 1_000) / (hour.turns * hour.attackMs)],
    resident: [before.resident, most, after.resident],
    descriptors: [before.descriptors, after.descriptors],
    logged: honestLines(app.dir.at('logs')),
    ...{ fought, status },
  };
}

async function settled(pid: number, descriptors: number): Promise<ReturnType<typeof heldBy>> {
  for (let waited = 0; waited < 90 && heldBy(pid).descriptors > descriptors; waited++) await pause(1_000);
  return heldBy(pid);
}

function figuresOf(seen: HonestFigures): Pick<HostileFigures, 'honest' | 'sent' | 'failed' | 'quiet' | 'attacked'> {
  const both = (phase: string): readonly [number, number] => {
    const times = seen.timesIn(phase);
    return [quantile(times, 0.5), quantile(times, 0.99)];
  };
  return { honest: HONEST, sent: seen.sent, failed: seen.failed, quiet: both('quiet'), attacked: both('attacked') };
}

/** Runs it on a data directory and a Google of its own. */
export async function hostileHour(hour: HostileHour): Promise<HostileFigures> {
  let figures: HostileFigures | undefined;
  const accounts = Array.from({ length: ACCOUNTS }, (_, at) => ({ id: `a${at}`, email: `a${at}@example.com` }));
  const settings = { notify: { command: 'cat >/dev/null' } };
  await withApp({ accounts, settings, google: { keepCalls: 10 } }, async (app) => {
    figures = await fight(app, hour);
  });
  if (figures === undefined) throw new Error('no figures');
  return figures;
}

/**
 * What is wrong with the figures; empty where they are good.
 *
 * @param most - how many times the quiet p99 the attacked one may be
 */
export function amiss(figures: HostileFigures, most: number): readonly string[] {
  const { failed, quiet, attacked, resident, descriptors, logged, sent, fought, status } = figures;
  const rules: readonly (readonly [boolean, string])[] = [
    [failed.length === 0, `${failed.length} failed: ${failed.slice(0, 5).join('; ')}`],
    [attacked[1] <= quiet[1] * most, `p99 ${attacked[1].toFixed(1)} ms, ${quiet[1].toFixed(1)} ms when quiet`],
    [resident[2] - resident[0] <= 64 * 1_048_576, `resident ${resident.join(', ')}`],
    [descriptors[1] <= descriptors[0], `descriptors ${descriptors.join(', ')}`],
    [logged >= sent, `${logged} lines of ${sent} honest requests`],
    [fought.troubles.length === 0, fought.troubles.join('; ')],
    [status === 0, `it ended with ${status}`],
  ];
  return rules.filter(([holds]) => !holds).map(([, words]) => words);
}
