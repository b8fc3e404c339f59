/**
 * A year of usage (50 accounts, 40 models, 200 keys, each of which uses some pairs a day): how long `regrant usage --since 365d
 * --by key` takes with the built program, summing up alone, what `:usage` asks for, and the write of a minute.
 *
 * `npm run build && node --import tsx bench/usage.ts [pairs a key and day] [rounds]`
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { UsageBook } from '../src/proxy/reports/usage.js';
import { UsageFolder } from '../src/store/usage/usage-folder.js';
import { sumUsage } from '../src/store/usage/usage-reading.js';
import { dayBefore, noUsage, type UsageLine } from '../src/store/usage/usage-line.js';
import { UsageSums } from '../src/store/usage/usage-sums.js';
import { setClock } from '../test/support/clock.js';
import { median } from './load.js';

const pairs = Number(process.argv[2] ?? '2');
const rounds = Number(process.argv[3] ?? '7');
const DAYS = 365;
const KEYS = 200;

const now = Date.now();
const folder = mkdtempSync(path.join(tmpdir(), 'regrant-usage-'));
const usage = path.join(folder, 'usage');
mkdirSync(usage);
let seed = 1;
const upTo = (most: number): number => (seed = (seed * 48_271) % 2_147_483_647) % most;

const lineOf = (day: string, key: number): UsageLine => ({
  ...{ day, account: `account-${upTo(50)}@example.com`, model: `gemini-model-${upTo(40)}`, key: `key-${key}` },
  ...{ protocol: 'gemini', ...noUsage, requests: 1 + upTo(500), failed: upTo(9), held: upTo(5) },
  ...{ in: upTo(900_000), cached: upTo(90_000), out: upTo(90_000), thoughts: upTo(9_000), bytes: upTo(9_000_000) },
});
const files = new Map<string, string>();
const apartFrom = dayBefore(now, 62);
for (let before = DAYS - 1; before >= 0; before--) {
  const day = dayBefore(now, before);
  const lines = Array.from({ length: KEYS * pairs }, (_, at) => `${JSON.stringify(lineOf(day, at % KEYS))}\n`);
  const name = `${day.slice(0, 7)}-31` < apartFrom ? day.slice(0, 7) : day;
  files.set(name, (files.get(name) ?? '') + lines.join(''));
}
for (const [name, text] of files) writeFileSync(path.join(usage, `${name}.jsonl`), text);

async function msOf(run: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const from = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(from);
    times.push((user + system) / 1_000);
  }
  return median(times);
}

try {
  const bytes = [...files.values()].reduce((all, { length }) => all + length, 0);
  console.log(`${DAYS * KEYS * pairs} lines, ${(bytes / 1e6).toFixed(0)} MB`);
  const program = (words: readonly string[]) =>
    execFileSync(process.execPath, ['dist/app.js', ...words], { env: { ...process.env, REGRANT_DATA_DIR: folder } });
  for (const words of [['usage', '--since', '365d', '--by', 'key'], ['--version']]) {
    const times = Array.from({ length: rounds }, () => {
      const from = performance.now();
      program(words);
      return performance.now() - from;
    });
    console.log(`regrant ${words.join(' ')}: ${median(times).toFixed(0)} ms`);
  }
  const sum = (days: number, by: 'key' | 'account') => () => {
    const sums = new UsageSums(['day', by]);
    return sumUsage(usage, [dayBefore(now, days - 1), dayBefore(now, 0)], sums);
  };
  for (const days of [365, 30, 7])
    console.log(`sums of ${days} days: ${(await msOf(sum(days, 'account'))).toFixed(1)} ms of CPU`);
  const book = new UsageBook({
    store: new UsageFolder(usage),
    clock: setClock(now),
    logger: { warn: () => undefined },
    keepDays: () => 400,
  });
  const access = {
    ...{ id: 'r', method: 'POST', path: '/', model: 'm', stream: false, status: 200, account: 'a', ms: 1 },
  };
  const write = async (): Promise<void> => {
    book.count({ ...access, ...{ ttfbMs: 1, bytes: 1, tokens: 1, tries: 1, left: [] } });
    await book.save();
  };
  console.log(`a minute's write with ${KEYS * pairs} lines: ${(await msOf(write)).toFixed(1)} ms of CPU`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
