/**
 * How long the store takes to load 10,000 account files, beside a bare loop of readdir, readFile and JSON.parse that keeps
 * what it parsed. The bare loop uses the synchronous calls, the fastest there are in Node; the one with promises is
 * printed beside it. In turns and in CPU time (the files are in memory, nobody waits for a disk), so that whatever else
 * the machine does falls on all alike. Arguments: files, rounds.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccountFiles } from '../src/store/files/account-files.js';
import { systemClock } from '../src/store/ground/clock.js';
import { account } from '../test/support/directory.js';

const FILES = Number(process.argv[2] ?? 10_000);
const ROUNDS = Number(process.argv[3] ?? 9);
const [GATE, GOAL] = [2.0, 1.4];

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** As Antigravity Tools writes one: some 3 kB, most of it quota. */
const content = (index: number): string =>
  JSON.stringify(
    {
      ...account({ id: `account-${index}`, email: `user${index}@example.com` }),
      quota: {
        models: Array.from({ length: 12 }, (_, model) => ({
          name: `gemini-3-model-${model}`,
          percentage: model * 8,
          reset_time: '2026-11-23T00:00:00Z',
          display_name: `Gemini 3 model ${model}`,
          max_tokens: 1_048_576,
        })),
        last_updated: 1_790_000_000,
        is_forbidden: false,
        subscription_tier: 'PRO',
      },
    },
    null,
    2,
  );

function bare(folder: string): unknown[] {
  return readdirSync(folder)
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown);
}

async function bareWithPromises(folder: string): Promise<unknown[]> {
  const parsed: unknown[] = [];
  for (const name of (await readdir(folder)).sort())
    parsed.push(JSON.parse(await readFile(join(folder, name), 'utf8')));
  return parsed;
}

async function store(folder: string): Promise<AccountFiles> {
  return AccountFiles.open(folder, systemClock);
}

async function timed(load: () => unknown): Promise<number> {
  globalThis.gc?.();
  const before = process.cpuUsage();
  const held = await load();
  const { user, system } = process.cpuUsage(before);
  if (held === null) throw new Error('nothing was loaded');
  return (user + system) / 1000;
}

const root = await mkdtemp(join(tmpdir(), 'regrant-bench-'));
try {
  const folder = join(root, 'accounts');
  await mkdir(folder);
  for (let index = 0; index < FILES; index++) await writeFile(join(folder, `account-${index}.json`), content(index));
  const times = { bare: [] as number[], promises: [] as number[], store: [] as number[] };
  for (let round = -1; round < ROUNDS; round++) {
    const round_ = {
      bare: await timed(() => bare(folder)),
      store: await timed(() => store(folder)),
      promises: await timed(() => bareWithPromises(folder)),
    };
    // the first round only warms up
    if (round < 0) continue;
    for (const [name, took] of Object.entries(round_)) times[name as keyof typeof times].push(took);
  }
  const ratios = times.store.map((took, round) => took / (times.bare[round] ?? NaN));
  const ratio = median(ratios);
  const figures = Object.entries(times).map(([name, all]) => `${name} ${median(all).toFixed(0)} ms of CPU`);
  console.log(
    `store-load: ${FILES} files, ${figures.join(', ')}; store ÷ bare ${ratio.toFixed(2)} (gate ${GATE}, goal ${GOAL}; best round ${Math.min(...ratios).toFixed(2)}), store ÷ promises ${median(times.store.map((took, round) => took / (times.promises[round] ?? NaN))).toFixed(2)}, ${ROUNDS} rounds`,
  );
  process.exitCode = ratio <= GATE ? 0 : 1;
} finally {
  await rm(root, { recursive: true, force: true });
}
