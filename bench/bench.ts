/**
 * regrant beside nginx, a naive node:http proxy and http-proxy, in front of one upstream, in turns, so that whatever else
 * the machine does falls on all alike: only ratios within one run mean anything. regrant runs whole, with access check,
 * selection among 100 accounts, log file, metrics and its screen painting in a terminal.
 *
 * `npm run bench -- [--rounds 5] [--requests 10000] [--only throughput,sse,slow,early,selection]`. Prints a table and, for
 * scripts, JSON lines.
 */
import { parseArgs } from 'node:util';
import { type Candidate, cpuMicroseconds, nginx, regrant, rssOf, script } from './candidates.js';
import { load, median, refusedUploads, slowly, streams } from './load.js';
import { selection } from './selection.js';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    requests: { type: 'string', default: '10000' },
    only: { type: 'string', default: 'throughput,sse,slow,early,selection' },
    'node-arguments': { type: 'string', default: '' },
  },
});
const rounds = Number(options.rounds);
const requests = Number(options.requests);
const parts = new Set(options.only.split(','));
const CONNECTIONS = 64;

type Figures = Record<string, number>;
const measured = new Map<string, Figures[]>();

function note(part: string, candidate: string, figures: Figures): void {
  const key = `${part} ${candidate}`;
  measured.set(key, [...(measured.get(key) ?? []), figures]);
  console.error(key, JSON.stringify(figures));
}

/** The median over the rounds of one figure. */
const figure = (part: string, candidate: string, name: string): number =>
  median((measured.get(`${part} ${candidate}`) ?? []).map((figures) => figures[name] ?? NaN));

async function throughput({ name, port, pids, probe }: Candidate): Promise<void> {
  await probe?.();
  const before = cpuMicroseconds(pids);
  const { ms, failed, p50Ms, p99Ms } = await load(port, CONNECTIONS, requests);
  const cpuUs = (cpuMicroseconds(pids) - before) / requests;
  const screen = (await probe?.()) ?? {};
  note('throughput', name, {
    cpuUs,
    perSecond: (requests / ms) * 1000,
    failed,
    p50Ms,
    p99Ms,
    rss: rssOf(pids),
    ...screen,
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

const upstream = await script('direct', 'upstream.mjs');
const others = [
  await nginx(upstream.port),
  await script('naive', 'rival.mjs', 'naive', String(upstream.port)),
  await script('http-proxy', 'rival.mjs', 'http-proxy', String(upstream.port)),
].filter((candidate) => candidate !== null);
const own = await regrant(upstream.port, options['node-arguments'].split(' ').filter(Boolean));
const candidates = [...others, own];
try {
  for (const { port } of candidates) await load(port, CONNECTIONS, Math.min(requests, 5_000));
  for (let round = 0; round < rounds; round++) {
    if (parts.has('throughput')) for (const candidate of candidates) await throughput(candidate);
  }
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    if (parts.has('sse')) for (const candidate of [upstream, ...candidates]) await sse(candidate);
  }
  if (parts.has('early')) for (const candidate of [upstream, ...candidates]) await early(candidate);
  if (parts.has('slow')) for (const candidate of candidates) await slow(candidate);
} finally {
  await Promise.all([...candidates, upstream].map((candidate) => candidate.stop()));
}
const picks = parts.has('selection') ? [10, 1_000, 100_000].map((count) => selection(count)) : [];

interface Line {
  readonly what: string;
  readonly value: number;
  readonly gate: number;
  readonly goal: number;
  readonly least?: true;
}

const over = (part: string, name: string, other: string): number =>
  figure(part, 'regrant', name) / figure(part, other, name);
const added = (name: string): number => figure('sse', name, 'ttfbP50Ms') - figure('sse', 'direct', 'ttfbP50Ms');
const lines: readonly Line[] = [
  { what: 'CPU a request / naive', value: over('throughput', 'cpuUs', 'naive'), gate: 0.85, goal: 0.65 },
  { what: 'CPU a request / nginx', value: over('throughput', 'cpuUs', 'nginx'), gate: 5.5, goal: 4 },
  {
    what: 'req/s x http-proxy',
    value: over('throughput', 'perSecond', 'http-proxy'),
    gate: 1.5,
    goal: 2.2,
    least: true,
  },
  { what: 'SSE CPU / nginx', value: over('sse', 'cpuMs', 'nginx'), gate: 2.8, goal: 2 },
  { what: 'SSE RSS a stream, kB', value: figure('sse', 'regrant', 'rssPerStream') / 1000, gate: 80, goal: 40 },
  { what: 'SSE added TTFB / nginx', value: added('regrant') / added('nginx'), gate: 6, goal: 3 },
  { what: 'frame p99, ms', value: figure('throughput', 'regrant', 'frameP99Ms'), gate: 5, goal: 2 },
  { what: 'event-loop delay p99, ms', value: figure('throughput', 'regrant', 'loopP99Ms'), gate: 20, goal: 10 },
  { what: 'selection at 100,000, us', value: (picks.at(-1)?.pickNs ?? NaN) / 1000, gate: 1, goal: 0.3 },
  { what: 'slow client, MB', value: figure('slow', 'regrant', 'growth') / 1e6, gate: 32, goal: 12 },
  { what: 'early 429 / direct', value: over('early', 'medianMs', 'direct'), gate: Infinity, goal: 2 },
  { what: 'early 429 worst, ms', value: figure('early', 'regrant', 'worstMs'), gate: 100, goal: 100 },
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
console.log(`\n${'what'.padEnd(28)}${'value'.padStart(9)}${'gate'.padStart(9)}${'goal'.padStart(9)}`);
for (const { what, value, gate, goal, least } of lines) {
  if (Number.isNaN(value)) continue;
  const holds = (bound: number): boolean => (least === true ? value >= bound : value <= bound);
  const verdict = holds(goal) ? 'goal' : holds(gate) ? 'gate' : 'MISSED';
  console.log(
    `${what.padEnd(28)}${value.toFixed(2).padStart(9)}${String(gate).padStart(9)}${String(goal).padStart(9)}  ${verdict}`,
  );
}
