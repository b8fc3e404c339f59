/**
 * How long a start takes: from the spawn of `node dist/app.js` in a real terminal to the moment at which the terminal shows
 * the accounts pane. Each start has a fresh data directory. A bare Node that prints one line is started in every round too,
 * since all of these figures depend on what else the machine is doing.
 *
 * `node --import tsx bench/start.ts [rounds]`, after `npm run build`. One line a case, and one of JSON.
 */
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { stripVTControlCharacters } from 'node:util';
import pty from '@lydell/node-pty';

const rounds = Number(process.argv[2] ?? 15);
const app = path.join(path.dirname(import.meta.dirname), 'dist', 'app.js');

/** A text of the first frame, whatever is in the directory. */
const FIRST_PAINT = '1 Accounts';

interface Case {
  readonly name: string;
  readonly accounts: number;
  readonly arguments: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'bare node', accounts: 0, arguments: ['-e', `console.log('${FIRST_PAINT}')`] },
  { name: 'empty data directory', accounts: 0, arguments: [app] },
  { name: '1,000 accounts', accounts: 1_000, arguments: [app] },
  { name: '--demo', accounts: 0, arguments: [app, '--demo'] },
];

interface Start {
  /** From the spawn to the first picture. */
  readonly wallMs: number;
  /** CPU that the process had used by then; null where the system does not say. */
  readonly cpuMs: number | null;
}

async function fill(folder: string, count: number): Promise<void> {
  await mkdir(path.join(folder, 'accounts'), { recursive: true });
  for (let index = 0; index < count; index++) {
    const id = `account-${index}`;
    const token = { access_token: 'ya29.x', refresh_token: `1//0${id}`, expiry_timestamp: 4_000_000_000 };
    const content = { id, email: `${id}@example.com`, token, disabled: false, proxy_disabled: true };
    await writeFile(path.join(folder, 'accounts', `${id}.json`), JSON.stringify(content));
  }
}

/** User and system time from Linux's /proc, in hundredths of a second there. */
function cpuMsOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return null;
  }
}

async function startOnce({ accounts, arguments: given }: Case): Promise<Start> {
  const folder = await mkdtemp(path.join(tmpdir(), 'regrant-start-'));
  await fill(folder, accounts);
  const env = { ...process.env, REGRANT_DATA_DIR: folder, REGRANT_PROXY_PORT: '0' };
  const startedAt = performance.now();
  const program = pty.spawn(process.execPath, [...given], { name: 'xterm-256color', cols: 120, rows: 40, env });
  const ended = new Promise<void>((resolve) => program.onExit(() => resolve()));
  let seen = '';
  const painted = new Promise<Start>((resolve) =>
    program.onData((bytes) => {
      seen += bytes;
      if (!stripVTControlCharacters(seen).includes(FIRST_PAINT)) return;
      resolve({ wallMs: performance.now() - startedAt, cpuMs: cpuMsOf(program.pid) });
    }),
  );
  const unpainted = ended.then(() => {
    if (!stripVTControlCharacters(seen).includes(FIRST_PAINT)) throw new Error(`it ended before it painted:\n${seen}`);
    return painted;
  });
  try {
    return await Promise.race([painted, unpainted]);
  } finally {
    unpainted.catch(() => undefined);
    program.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The value that a share of them (0 to 1) does not exceed, rounded. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

const starts = new Map<string, Start[]>(cases.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const one of cases) starts.get(one.name)?.push(await startOnce(one));
}
for (const [name, measured] of starts) {
  const wall = measured.map(({ wallMs }) => wallMs);
  const cpu = measured.map(({ cpuMs }) => cpuMs).filter((ms) => ms !== null);
  const found = { best: quantile(wall, 0), median: quantile(wall, 0.5), worst: quantile(wall, 1) };
  const cpuMs = cpu.length === 0 ? null : quantile(cpu, 0.5);
  console.log(
    `${name.padEnd(22)} best ${found.best} ms, median ${found.median} ms, worst ${found.worst} ms; CPU ${cpuMs ?? '?'} ms (${rounds} starts)`,
  );
  console.log(JSON.stringify({ bench: 'start', case: name, rounds, ...found, cpuMs }));
}
