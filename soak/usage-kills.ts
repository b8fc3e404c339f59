/**
 * Usage that is counted and written without a pause, killed (SIGKILL) at random moments: no file is torn, and what had been
 * said to be written is there. Arguments: kills, seed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageBook } from '../src/proxy/reports/usage.js';
import { systemClock } from '../src/store/ground/clock.js';
import { readUsage } from '../src/store/usage/usage-files.js';
import { seeded } from '../test/support/random.js';

const access = { ...{ id: 'r', method: 'POST', path: '/', stream: false, status: 200, ms: 1, ttfbMs: 1, bytes: 1 } };

/** Counts and writes until it is killed; says after each write how many requests are on disk. */
async function work(folder: string): Promise<never> {
  const book = new UsageBook({ folder, clock: systemClock, logger: { warn: () => undefined }, keepDays: () => 400 });
  const before = readUsage(folder, '2000-01-01', '2100-01-01').reduce((all, { requests }) => all + requests, 0);
  for (let round = 1; ; round++) {
    for (let i = 0; i < 50; i++)
      book.count({
        ...access,
        ...{ account: `a${i % 7}`, model: `m${i % 5}`, key: `k${i}`, tokens: 1, tries: 1, left: [] },
      });
    await book.save();
    process.stdout.write(`${before + round * 50}\n`);
  }
}

/** @returns what is wrong with the files; empty: nothing */
function faultsOf(folder: string, confirmed: number): string[] {
  const faults: string[] = [];
  let found = 0;
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.jsonl'))) {
    for (const line of readFileSync(path.join(folder, name), 'utf8').split('\n').filter(Boolean)) {
      try {
        found += (JSON.parse(line) as { requests: number }).requests;
      } catch {
        faults.push(`${name} is torn`);
      }
    }
  }
  if (found < confirmed) faults.push(`${confirmed} requests were written, ${found} are there`);
  return faults;
}

async function killed(folder: string, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url), 'work', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const closed = new Promise((resolve) => child.once('close', resolve));
  await new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.stdout.on('data', (bytes: Buffer) => {
      if (said === '') setTimeout(resolve, afterMs);
      said += bytes.toString();
    });
  });
  child.kill('SIGKILL');
  await closed;
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1) ?? 0);
}

if (process.argv[2] === 'work') await work(process.argv[3] ?? '');
const kills = Number(process.argv[2] ?? 1_000);
const random = seeded(Number(process.argv[3] ?? Date.now() % 1_000_000));
const folder = mkdtempSync(path.join(tmpdir(), 'regrant-usage-kills-'));
const faults: string[] = [];
let confirmed = 0;
try {
  for (let i = 0; i < kills && faults.length === 0; i++) {
    confirmed = await killed(folder, random(40));
    faults.push(...faultsOf(folder, confirmed));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`usage-kills: ${kills} kills, ${confirmed} requests written; ${faults.length} faults`);
for (const fault of faults) console.log(`  ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
