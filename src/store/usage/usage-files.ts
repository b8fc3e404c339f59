import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { systemDisk, type Disk } from '../disk/disk.js';
import { removeDurably, writeDurably } from '../disk/durable.js';
import { systemCode } from '../ground/errors.js';
import { jsonOf } from '../ground/json.js';
import type { UsageSums } from './usage-sums.js';
import { dayBefore, dayOf, UsageLineSchema, type UsageLine } from './usage-line.js';

const DAY_FILE = /^(\d{4}-\d\d-\d\d)\.jsonl$/;
const MONTH_FILE = /^(\d{4}-\d\d)\.jsonl$/;

/** How many days each have a file of their own; older days lie together in a file for each month. */
const DAYS_APART = 62;

/** None where there is no folder yet. @throws the system's error for every other reason */
const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
};

/** A file of the folder that has lines of the days that are asked for. */
interface UsageFile {
  readonly path: string;
  /** Whether a day's lines count; null: all in the file do. */
  readonly takes: ((day: string) => boolean) | null;
}

/** The files of these days, the oldest first. @param since, until - days, both included */
function filesOf(folder: string, since: string, until: string): readonly UsageFile[] {
  const names = namesIn(folder);
  const apart = new Set(names.filter((name) => DAY_FILE.test(name)).map((name) => name.slice(0, 10)));
  return names.flatMap((name): UsageFile[] => {
    const [, day] = DAY_FILE.exec(name) ?? [];
    const [, month] = MONTH_FILE.exec(name) ?? [];
    const file = path.join(folder, name);
    if (day !== undefined) return day >= since && day <= until ? [{ path: file, takes: (of) => of === day }] : [];
    if (month === undefined || month < since.slice(0, 7) || month > until.slice(0, 7)) return [];
    const isWhole = since <= `${month}-01` && until >= `${month}-31` && ![...apart].some((of) => of.startsWith(month));
    // a crash while a month's file is made leaves a day in both files: the day's own file is used
    return [{ path: file, takes: isWhole ? null : (of) => of >= since && of <= until && !apart.has(of) }];
  });
}

/** Empty where it is gone by now. @throws the system's error for every other reason: it says something that counts */
function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/**
 * Every line of these days, the oldest first.
 *
 * @param since, until - days, both included
 * @throws the system's error where one of their files cannot be read
 */
export function readUsage(folder: string, since: string, until: string): readonly UsageLine[] {
  return filesOf(folder, since, until).flatMap(({ path: file, takes }) => {
    const lines = linesIn(bytesOf(file));
    return takes === null ? lines : lines.filter(({ day }) => takes(day));
  });
}

/** For whoever only looks: what cannot be read is left out. */
function orNone<T>(none: T, read: () => T): T {
  try {
    return read();
  } catch {
    return none;
  }
}

/**
 * Adds the lines of these days to `sums`, of files that can be read.
 *
 * @param breath - awaited between two files, so that other work gets its turn
 * @param counts - days that count of them
 */
export async function sumUsage(
  folder: string,
  [since, until]: readonly [since: string, until: string],
  sums: UsageSums,
  breath: () => Promise<unknown> = () => Promise.resolve(),
  counts: ((day: string) => boolean) | null = null,
): Promise<void> {
  for (const { path: file, takes } of orNone([], () => filesOf(folder, since, until))) {
    const both = counts === null ? takes : (day: string) => (takes === null || takes(day)) && counts(day);
    sums.addFile(
      orNone(Buffer.alloc(0), () => bytesOf(file)),
      both,
    );
    await breath();
  }
}

const linesIn = (bytes: Buffer): readonly UsageLine[] =>
  bytes
    .toString()
    .split('\n')
    .flatMap((line) => {
      if (line === '') return [];
      const parsed = v.safeParse(UsageLineSchema, jsonOf(line));
      return parsed.success ? [parsed.output] : [];
    });

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
