/** Usage that is counted and written without a pause, killed (SIGKILL) at random moments, while days and months pass. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonOf } from '../../src/store/ground/json.js';
import { dayBefore, dayOf } from '../../src/store/usage/usage-line.js';
import { readUsage } from '../../src/store/usage/usage-reading.js';
import type { Random } from './random.js';

const workload = fileURLToPath(new URL('usage-workload.mjs', import.meta.url));
/** Requests that are counted before each write. */
const A_WRITE = 50;
/** Days that are looked at after each kill: those of three months, so that one has been gathered into one file. */
const LOOKED_AT = 130;

export interface UsageKilled {
  readonly kills: number;
  readonly days: number;
  readonly requests: number;
  /** Month files, in which days were gathered. */
  readonly months: number;
  readonly faults: readonly string[];
}

/** @param folder - an empty one */
export async function killUsage(folder: string, kills: number, random: Random): Promise<UsageKilled> {
  /** Requests on disk, by day. */
  const written = new Map<string, number>();
  const months = new Set<string>();
  const faults: string[] = [];
  let at = Date.UTC(2026, 0, 1, 12);
  let done = 0;
  for (; done < kills && faults.length === 0; done++) {
    for (const [time, requests] of await killed(folder, at, random(40))) {
      at = time;
      written.set(dayOf(at), requests);
    }
    faults.push(...tornFiles(folder), ...lostDays(folder, at, written));
    for (const name of readdirSync(folder)) if (/^\d{4}-\d\d\.jsonl$/.test(name)) months.add(name);
  }
  const requests = [...written.values()].reduce((all, one) => all + one, 0);
  return { kills: done, days: written.size, requests, months: months.size, faults };
}

/** What it said until it was killed, `afterMs` after it said so first. */
async function killed(folder: string, at: number, afterMs: number): Promise<readonly (readonly [number, number])[]> {
  const child = spawn(process.execPath, [workload, folder, String(at)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.stdout.on('data', (bytes: Buffer) => {
    if (said === '') setTimeout(() => child.kill('SIGKILL'), afterMs);
    said += bytes.toString();
  });
  await closed;
  const lines = said.split('\n').slice(0, -1);
  if (lines.length === 0) throw new Error('it ended by itself');
  return lines.map((line) => {
    const [time = NaN, requests = NaN] = line.split(' ').map(Number);
    return [time, requests];
  });
}

const tornFiles = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .filter((name) => {
      const lines = readFileSync(path.join(folder, name), 'utf8').split('\n');
      return lines.pop() !== '' || lines.some((line) => jsonOf(line) === null);
    })
    .map((name) => `${name} is torn`);

/** A day has what was said to be written, or the write more that a kill kept from being said. Takes what it has. */
function lostDays(folder: string, at: number, written: Map<string, number>): readonly string[] {
  const since = dayBefore(at, LOOKED_AT);
  const found = new Map<string, number>();
  for (const { day, requests } of readUsage(folder, since, dayBefore(at, -1)))
    found.set(day, (found.get(day) ?? 0) + requests);
  const faults: string[] = [];
  for (const day of new Set([...written.keys(), ...found.keys()])) {
    if (day < since) continue;
    const [is, was] = [found.get(day) ?? 0, written.get(day) ?? 0];
    const mayBeMore = day >= dayOf(at);
    if (is !== was && !(mayBeMore && is === was + A_WRITE)) faults.push(`${day}: ${was} were written, ${is} are there`);
    written.set(day, is);
  }
  return faults;
}
