import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { systemDisk, type Disk } from '../disk/disk.js';
import { removeDurably, writeDurably } from '../disk/durable.js';
import { dayBefore, dayOf, type UsageLine } from './usage-line.js';
import { DAY_FILE, MONTH_FILE, namesIn, readUsage } from './usage-reading.js';

/** How many days each have a file of their own; older days lie together in a file for each month. */
const DAYS_APART = 62;

const textOf = (lines: readonly UsageLine[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** Replaces a day's file. */
export async function writeDay(
  folder: string,
  day: string,
  lines: readonly UsageLine[],
  disk: Disk = systemDisk,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeDurably(path.join(folder, `${day}.jsonl`), textOf(lines), disk);
}

/**
 * Gathers the days of past months into one file for each month, and removes what is older than `keepDays`.
 *
 * @throws the system's error; what could not be read or written then stays as it is
 */
export async function tidyUsage(folder: string, now: number, keepDays: number, disk: Disk = systemDisk): Promise<void> {
  const oldest = dayBefore(now, keepDays);
  const apartFrom = dayBefore(now, DAYS_APART);
  const today = dayOf(now);
  const months = new Set<string>();
  for (const name of namesIn(folder)) {
    const [, day] = DAY_FILE.exec(name) ?? [];
    const [, month] = MONTH_FILE.exec(name) ?? [];
    if (day !== undefined && day < oldest && day < today) await removeDurably(path.join(folder, name), disk);
    else if (day !== undefined && `${day.slice(0, 7)}-31` < apartFrom) months.add(day.slice(0, 7));
    else if (month !== undefined && month < oldest.slice(0, 7)) await removeDurably(path.join(folder, name), disk);
  }
  for (const month of months) await gatherMonth(folder, month, disk);
}

/** All is read before anything is written: days that cannot be read would be lost. */
async function gatherMonth(folder: string, month: string, disk: Disk): Promise<void> {
  const lines = readUsage(folder, `${month}-01`, `${month}-31`);
  await writeDurably(path.join(folder, `${month}.jsonl`), textOf(lines), disk);
  for (const name of namesIn(folder)) {
    if (DAY_FILE.test(name) && name.startsWith(month)) await removeDurably(path.join(folder, name), disk);
  }
}
