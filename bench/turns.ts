/**
 * What a request costs of CPU here beside other builds of the program: all headless, in front of one upstream, in turns
 * of 600 requests of 1 KB on 64 connections each, so that whatever else the machine does falls on all alike. A build is
 * what the `dist/` of a folder has.
 *
 * `npm run build && node --import tsx bench/turns.ts FOLDER… [--turns 100] [--node-arguments "…"]`
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as run from './candidates.js';
import { type Candidate, cpuMicroseconds } from './candidates.js';
import { Clients, median, share } from './load.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    turns: { type: 'string', default: '100' },
    warm: { type: 'string', default: '40' },
    requests: { type: 'string', default: '600' },
    'node-arguments': { type: 'string', default: '' },
  },
});
const CONNECTIONS = 64;
const TURN_REQUESTS = Number(options.requests);
/** Delayed work (the log's lines) still counts for the build that caused it. */
const PUT_OFF_MS = 60;

interface Build {
  readonly folder: string;
  readonly candidate: Candidate;
  readonly clients: Clients;
  /** µs of CPU a request, turn by turn. */
  readonly us: number[];
}

async function turn({ folder, candidate: { pids }, clients, us }: Build): Promise<void> {
  const before = cpuMicroseconds(pids);
  const { failed } = await clients.load(TURN_REQUESTS);
  await new Promise((resolve) => setTimeout(resolve, PUT_OFF_MS));
  if (failed > 0) throw new Error(`${folder}: ${failed} requests failed`);
  us.push((cpuMicroseconds(pids) - before) / TURN_REQUESTS);
}

run.pinClient();
const upstream = (await run.fixedUpstream()) ?? (await run.upstream());
const given = options['node-arguments'].split(' ').filter(Boolean);
const builds: Build[] = [];
try {
  for (const folder of [path.dirname(import.meta.dirname), ...positionals]) {
    const candidate = await run.headless(upstream.port, given, folder);
    builds.push({ folder, candidate, clients: await Clients.open(candidate.port, CONNECTIONS), us: [] });
  }
  for (let round = -Number(options.warm); round < Number(options.turns); round++) {
    if (round === 0) for (const { us } of builds) us.length = 0;
    // the one after a heavy one finds the caches full of that one's data: it must not always be the same
    for (const build of round % 2 === 0 ? builds : [...builds].reverse()) await turn(build);
  }
} finally {
  for (const { candidate, clients } of builds) {
    clients.close();
    await candidate.stop();
  }
  await upstream.stop();
}

/** The mean without the two fifths of the turns that other work on the machine disturbed most. */
function undisturbed(us: readonly number[]): number {
  const least = [...us].sort((one, other) => one - other).slice(0, Math.ceil(us.length * 0.6));
  return least.reduce((sum, one) => sum + one, 0) / least.length;
}

const own = builds[0]?.us ?? [];
for (const { folder, us } of builds) {
  const ratios = own.map((mine, round) => mine / (us[round] ?? NaN));
  const figures = [median(own) / median(us), median(ratios), undisturbed(own) / undisturbed(us)];
  const over =
    us === own
      ? ''
      : `; here over this: medians, pairs, undisturbed ${figures.map((one) => one.toFixed(3)).join(', ')}`;
  const quarters = [0.25, 0.5, 0.75].map((part) => share(us, part).toFixed(1)).join(' / ');
  console.log(`${folder}: ${quarters} us a request, undisturbed ${undisturbed(us).toFixed(1)}${over}`);
}
