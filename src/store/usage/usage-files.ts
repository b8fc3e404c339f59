import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { systemDisk, type Disk } from '../disk/disk.js';
import { removeDurably, writeDurably } from '../disk/durable.js';
import { jsonOf } from '../ground/json.js';
import { dayBefore, dayOf, UsageLineSchema, type UsageLine } from './usage-line.js';

const DAY_FILE = /^(\d{4}-\d\d-\d\d)\.jsonl$/;
const MONTH_FILE = /^(\d{4}-\d\d)\.jsonl$/;

/** How many days each have a file of their own; older days lie together in a file for each month. */
const DAYS_APART = 62;

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
};

/** Every line of these days, the oldest first. @param since, until - days, both included */
export function readUsage(folder: string, since: string, until: string): readonly UsageLine[] {
  const lines: UsageLine[] = [];
  const files = namesIn(folder);
  const apart = new Set(files.filter((name) => DAY_FILE.test(name)).map((name) => name.slice(0, 10)));
  for (const name of files) {
    const day = DAY_FILE.exec(name)?.[1];
    const month = MONTH_FILE.exec(name)?.[1];
    const isWanted =
      day !== undefined
        ? day >= since && day <= until
        : month !== undefined && month >= since.slice(0, 7) && month <= until.slice(0, 7);
    if (!isWanted) continue;
    for (const line of linesIn(path.join(folder, name))) {
      // a crash while a month's file is made leaves a day in both files: the day's own file is used
      const isTwice = month !== undefined && apart.has(line.day);
      if (!isTwice && line.day >= since && line.day <= until) lines.push(line);
    }
  }
  return lines;
}

function linesIn(file: string): readonly UsageLine[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    const parsed = v.safeParse(UsageLineSchema, jsonOf(line));
    return parsed.success ? [parsed.output] : [];
  });
}

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

/** Gathers the days of past months into one file for each month, and removes what is older than `keepDays`. */
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

async function gatherMonth(folder: string, month: string, disk: Disk): Promise<void> {
  const lines = readUsage(folder, `${month}-01`, `${month}-31`);
  await writeDurably(path.join(folder, `${month}.jsonl`), textOf(lines), disk);
  for (const name of namesIn(folder)) {
    if (DAY_FILE.test(name) && name.startsWith(month)) await removeDurably(path.join(folder, name), disk);
  }
}
