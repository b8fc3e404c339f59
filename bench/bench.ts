/**
 * regrant beside nginx, a naive node:http proxy and http-proxy, in front of one upstream, in turns, so that whatever else
 * the machine does falls on all alike: only ratios within one run mean anything. Each figure is the median over the rounds,
 * each ratio the median of the rounds' ratios. regrant runs whole, with access check, selection among 100 accounts, log
 * file, metrics and its screen painting in a terminal.
 *
 * `npm run bench -- [--rounds 9] [--requests 20000] [--only throughput,frames,sse,slow,early,selection]`. Prints a table and, for
 * scripts, JSON lines. `--candidates naive,regrant` leaves the others out, `before` with `--before FOLDER` is another build of regrant, `--node-arguments` are for regrant's Node.
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import * as run from './candidates.js';
import { alone, type Candidate, cpuMicroseconds, rssOf } from './candidates.js';
import { Clients, firstEvent, load, median, refusedUploads, share, slowly, streams } from './load.js';
import { selection } from './selection.js';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    requests: { type: 'string', default: '20000' },
    only: { type: 'string', default: 'throughput,frames,sse,slow,early,selection' },
    candidates: { type: 'string', default: 'nginx,naive,http-proxy,regrant' },
    before: { type: 'string', default: '' },
    'node-arguments': { type: 'string', default: '' },
  },
});
const rounds = Number(options.rounds);
const requests = Number(options.requests);
const parts = new Set(options.only.split(','));
const wanted = new Set(options.candidates.split(','));
const nodeArguments = options['node-arguments'].split(' ').filter(Boolean);
const CONNECTIONS = 64;
/** 100 accounts are refreshed within 25 s after a start. */
const WARM_UP_MS = 30_000;
/** Slow parts, for which a few rounds are enough. */
const FEW_ROUNDS = Math.min(rounds, 3);
/** Ten frames a second is so seldom that V8 goes on compiling for this long, each time during a frame. */
const FRAMES_WARM_UP_MS = 120_000;
/** In one minute the slowest hundredth would be only six frames. */
const FRAMES_MS = 180_000;
/**
 * A machine that is shared may be half as fast from one second to the next: what is compared has to be measured within
 * one.
 */
const TURN_REQUESTS = 2_000;

type Figures = Record<string, number>;
const measured = new Map<string, Figures[]>();

function note(part: string, candidate: string, figures: Figures): void {
  const key = `${part} ${candidate}`;
  measured.set(key, [...(measured.get(key) ?? []), figures]);
  console.error(
    key,
    JSON.stringify(figures, (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value)),
  );
}

/** The median over the rounds of one figure. */
const figure = (part: string, candidate: string, name: string): number =>
  median((measured.get(`${part} ${candidate}`) ?? []).map((figures) => figures[name] ?? NaN));

/** Delayed work (the log's lines, a frame) still counts for the candidate that caused it. */
const PUT_OFF_MS = 120;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What one candidate has done in the turns of a round. */
interface Work {
  requests: number;
  ms: number;
  cpuUs: number;
  readonly p50Ms: number[];
  readonly p99Ms: number[];
}

const none = (): Work => ({ requests: 0, ms: 0, cpuUs: 0, p50Ms: [], p99Ms: [] });

/** A proxy, the clients in front of it, and what it has done for them in this round. */
interface Served {
  readonly candidate: Candidate;
  readonly clients: Clients;
  work: Work;
}

async function turnOf({ candidate: { name, pids }, clients, work }: Served): Promise<void> {
  const before = cpuMicroseconds(pids);
  const { ms, failed, p50Ms, p99Ms } = await clients.load(TURN_REQUESTS);
  await pause(PUT_OFF_MS);
  if (failed > 0) throw new Error(`${name}: ${failed} requests failed`);
  work.requests += TURN_REQUESTS;
  work.ms += ms;
  work.cpuUs += cpuMicroseconds(pids) - before;
  work.p50Ms.push(p50Ms);
  work.p99Ms.push(p99Ms);
}

/** All candidates' requests of a round in short turns, one after the other. */
async function throughputRound(all: readonly Served[]): Promise<void> {
  for (const served of all) served.work = none();
  for (let turn = 0; turn < requests / TURN_REQUESTS; turn++) {
    // the candidate after a heavy one finds the caches full of that one's data: it must not always be the same
    const from = turn % all.length;
    for (const served of [...all.slice(from), ...all.slice(0, from)]) await turnOf(served);
  }
  all.forEach(({ candidate: { name, pids }, work: { requests: done, ms, cpuUs, p50Ms, p99Ms } }) => {
    note('throughput', name, {
      ...{ cpuUs: cpuUs / done, perSecond: (done / ms) * 1000, busy: cpuUs / 1000 / ms },
      ...{ p50Ms: median(p50Ms), p99Ms: median(p99Ms), rss: rssOf(pids) },
    });
  });
}

async function loadFor(port: number, ms: number): Promise<void> {
  const started = performance.now();
  do await load(port, CONNECTIONS, requests);
  while (performance.now() - started < ms);
}

/** What the screen's frames take at full traffic; a round has too few of them to tell the slowest hundredth. */
async function frames({ port, probe }: Candidate): Promise<void> {
  if (probe === undefined || !parts.has('frames')) return;
  await loadFor(port, FRAMES_WARM_UP_MS);
  await probe();
  await loadFor(port, FRAMES_MS);
  const { framesMs, ownFramesMs, loopP99Ms } = await probe();
  note('frames', 'regrant', {
    count: framesMs.length,
    ...{ p50Ms: share(framesMs, 0.5), p99Ms: share(framesMs, 0.99) },
    ...{ ownP50Ms: share(ownFramesMs, 0.5), ownP99Ms: share(ownFramesMs, 0.99) },
    loopP99Ms,
  });
}

async function sse({ name, port, pids }: Candidate): Promise<void> {
  const COUNT = 500;
  const [cpuBefore, rssBefore] = [cpuMicroseconds(pids), rssOf(pids)];
  let rssWithin = rssBefore;
  const { bytes, failed, ttfbP50Ms, ttfbP99Ms } = await streams(port, COUNT, () => (rssWithin = rssOf(pids)));
  const cpuMs = (cpuMicroseconds(pids) - cpuBefore) / 1000;
  const rssPerStream = (Math.max(rssWithin, rssOf(pids)) - rssBefore) / COUNT;
  note('sse', name, { cpuMs, ttfbP50Ms, ttfbP99Ms, rssPerStream, bytes, failed });
}

/** At rest: one stream each in turn, and what each adds to the upstream's own time. */
async function firsts(direct: Candidate, candidates: readonly Candidate[]): Promise<void> {
  for (const { port } of candidates) await load(port, CONNECTIONS, 10 * CONNECTIONS);
  // A stream that is left closes its connection to the upstream: so many are kept ready that none has to be opened.
  for (let stream = 0; stream < CONNECTIONS - 14; stream++) {
    const itself = await firstEvent(direct.port);
    for (const { name, port } of candidates) note('first', name, { addedMs: (await firstEvent(port)) - itself });
  }
}

async function slow({ name, port, pids }: Candidate): Promise<void> {
  const before = rssOf(pids);
  let most = before;
  const look = setInterval(() => (most = Math.max(most, rssOf(pids))), 200);
  const bytes = await slowly(port, 1_000_000, 12_000);
  clearInterval(look);
  note('slow', name, { growth: most - before, bytes });
}

async function early({ name, port }: Candidate): Promise<void> {
  const times = await refusedUploads(port, 20);
  note('early', name, { medianMs: median(times), worstMs: Math.max(...times) });
}

async function throughputs(candidates: readonly Candidate[]): Promise<void> {
  // Until the compiler has seen everything often enough, and regrant has made each account's refresh of the day.
  const started = performance.now();
  do {
    for (const { port } of candidates) await load(port, CONNECTIONS, requests / 4);
  } while (performance.now() - started < WARM_UP_MS);
  const served: Served[] = [];
  for (const candidate of candidates) {
    served.push({ candidate, clients: await Clients.open(candidate.port, CONNECTIONS), work: none() });
  }
  for (let round = 0; round < rounds; round++) await throughputRound(served);
  for (const { clients } of served) clients.close();
  for (const candidate of candidates) {
    alone(candidate, candidates);
    await frames(candidate);
  }
  for (const candidate of candidates) alone(candidate, [candidate]);
}

async function others(direct: Candidate, candidates: readonly Candidate[]): Promise<void> {
  for (const { port } of candidates) await load(port, CONNECTIONS, requests / 4);
  // Before a burst of streams has allocated memory that a slow client would then fill without being noticed.
  if (parts.has('slow')) for (const candidate of candidates) await slow(candidate);
  for (let round = 0; round < FEW_ROUNDS; round++) {
    if (parts.has('early')) for (const one of [direct, ...candidates]) await early(one);
    if (parts.has('sse')) await firsts(direct, candidates);
  }
  for (let round = 0; round < FEW_ROUNDS; round++) {
    if (parts.has('sse')) for (const one of [direct, ...candidates]) await sse(one);
  }
}

/** Runs `measure` with the proxies in front of an upstream. */
async function against(
  direct: Candidate,
  measure: (direct: Candidate, candidates: readonly Candidate[]) => Promise<void>,
): Promise<void> {
  const started: Candidate[] = [direct];
  const starts: Record<string, () => Promise<Candidate | null>> = {
    nginx: () => run.nginx(direct.port),
    naive: () => run.rival('naive', direct.port),
    'http-proxy': () => run.rival('http-proxy', direct.port),
    bare: () => run.rival('bare', direct.port),
    regrant: () => run.regrant(direct.port, nodeArguments),
    before: () => run.regrant(direct.port, nodeArguments, options.before),
  };
  try {
    for (const [name, start] of Object.entries(starts)) {
      const candidate = wanted.has(name) ? await start() : null;
      if (candidate !== null) started.push(candidate);
    }
    await measure(direct, started.slice(1));
  } finally {
    await Promise.all(started.map((candidate) => candidate.stop()));
  }
}

run.pinClient();
if (parts.has('throughput')) {
  await against((await run.fixedUpstream()) ?? (await run.upstream()), (_, candidates) => throughputs(candidates));
}
if (['sse', 'early', 'slow'].some((part) => parts.has(part))) await against(await run.upstream(), others);
const picks = parts.has('selection') ? [10, 1_000, 100_000].map((count) => selection(count)) : [];

interface Line {
  readonly what: string;
  readonly value: number;
  readonly gate: number;
  readonly goal: number;
  readonly least?: true;
}

const inRounds = (part: string, candidate: string, name: string): readonly number[] =>
  (measured.get(`${part} ${candidate}`) ?? []).map((figures) => figures[name] ?? NaN);
/**
 * Whatever affected one round (a clock rate, other work on the machine) affected all candidates in it, so rounds are
 * compared one by one.
 */
function over(part: string, name: string, other: string): number {
  const theirs = inRounds(part, other, name);
  return median(inRounds(part, 'regrant', name).map((value, round) => value / (theirs[round] ?? NaN)));
}
const most = (part: string, candidate: string, name: string): number => Math.max(...inRounds(part, candidate, name));
/** What a proxy adds to the time to the first byte, with 500 streams under way. */
const added = (name: string): number => figure('sse', name, 'ttfbP50Ms') - figure('sse', 'direct', 'ttfbP50Ms');
const lines: readonly Line[] = [
  { what: 'CPU a request / naive', value: over('throughput', 'cpuUs', 'naive'), gate: 0.85, goal: 0.65 },
  { what: 'CPU a request / before', value: over('throughput', 'cpuUs', 'before'), gate: 1.03, goal: 1 },
  { what: 'CPU a request / nginx', value: over('throughput', 'cpuUs', 'nginx'), gate: 5.5, goal: 4 },
  {
    what: 'req/s x http-proxy',
    value: over('throughput', 'perSecond', 'http-proxy'),
    gate: 1.5,
    goal: 2.2,
    least: true,
  },
  { what: 'SSE CPU / nginx', value: over('sse', 'cpuMs', 'nginx'), gate: 2.8, goal: 2 },
  { what: 'SSE RSS a stream, kB', value: most('sse', 'regrant', 'rssPerStream') / 1000, gate: 80, goal: 40 },
  { what: 'SSE added TTFB / nginx', value: added('regrant') / added('nginx'), gate: 6, goal: 3 },
  {
    what: 'first event at rest: added, ms',
    value: figure('first', 'regrant', 'addedMs'),
    gate: Infinity,
    goal: Infinity,
  },
  { what: 'frame p99, ms', value: figure('frames', 'regrant', 'p99Ms'), gate: 5, goal: 2 },
  { what: 'its own time of it p50', value: figure('frames', 'regrant', 'ownP50Ms'), gate: 5, goal: 2 },
  { what: 'its own time of it p99', value: figure('frames', 'regrant', 'ownP99Ms'), gate: 5, goal: 2 },
  { what: 'event-loop delay p99, ms', value: figure('frames', 'regrant', 'loopP99Ms'), gate: 20, goal: 10 },
  { what: 'selection at 100,000, us', value: (picks.at(-1)?.pickNs ?? NaN) / 1000, gate: 1, goal: 0.3 },
  { what: 'slow client, MB', value: figure('slow', 'regrant', 'growth') / 1e6, gate: 32, goal: 12 },
  { what: 'early 429 / direct', value: over('early', 'medianMs', 'direct'), gate: Infinity, goal: 2 },
  { what: 'early 429 worst, ms', value: most('early', 'regrant', 'worstMs'), gate: 100, goal: 100 },
];

for (const [key, list] of measured) {
  const [bench = '', candidate = ''] = key.split(' ');
  const names = Object.keys(list[0] ?? {});
  const medians = Object.fromEntries(
    names.map((name) => [name, Number(figure(bench, candidate, name).toPrecision(4))]),
  );
  console.log(JSON.stringify({ bench, candidate, rounds: list.length, ...medians }));
}
for (const pick of picks) console.log(JSON.stringify({ bench: 'selection', ...pick }));
console.log(`\n${'what'.padEnd(32)}${'value'.padStart(9)}${'gate'.padStart(9)}${'goal'.padStart(9)}`);
for (const { what, value, gate, goal, least } of lines) {
  if (!Number.isFinite(value)) continue;
  const holds = (bound: number): boolean => (least === true ? value >= bound : value <= bound);
  const verdict = holds(goal) ? 'goal' : holds(gate) ? 'gate' : 'MISSED';
  console.log(
    `${what.padEnd(32)}${value.toFixed(2).padStart(9)}${String(gate).padStart(9)}${String(goal).padStart(9)}  ${verdict}`,
  );
}
