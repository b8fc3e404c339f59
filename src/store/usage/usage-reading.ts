import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { systemCode } from '../ground/errors.js';
import { jsonOf } from '../ground/json.js';
import type { UsageSums } from './usage-sums.js';
import { UsageLineSchema, type UsageLine } from './usage-line.js';

const NEW_LINE = 0x0a;
/** How much of a file is read at once. */
const PIECE_BYTES = 256 * 1024;

export const DAY_FILE = /^(\d{4}-\d\d-\d\d)\.jsonl$/;
export const MONTH_FILE = /^(\d{4}-\d\d)\.jsonl$/;

/** The files of the folder by name; none where there is no folder yet. @throws the system's error for every other reason */
export const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
};

const NONE: ReadonlySet<string> = new Set();

/** A file of the folder that has lines of the days that are asked for. */
class UsageFile {
  constructor(
    readonly path: string,
    private readonly since: string,
    private readonly until: string,
    private readonly except: ReadonlySet<string> = NONE,
  ) {}

  /** Whether a day's lines count. A method: the engine compiles anew what calls another function for each file. */
  takes(day: string): boolean {
    return day >= this.since && day <= this.until && !this.except.has(day);
  }
}

/** The files of these days, the oldest first. @param since, until - days, both included */
function filesOf(folder: string, since: string, until: string): readonly UsageFile[] {
  const names = namesIn(folder);
  const apart = new Set(names.filter((name) => DAY_FILE.test(name)).map((name) => name.slice(0, 10)));
  return names.flatMap((name): UsageFile[] => {
    const [, day] = DAY_FILE.exec(name) ?? [];
    const [, month] = MONTH_FILE.exec(name) ?? [];
    const file = path.join(folder, name);
    if (day !== undefined) return day >= since && day <= until ? [new UsageFile(file, day, day)] : [];
    if (month === undefined || month < since.slice(0, 7) || month > until.slice(0, 7)) return [];
    // a crash while a month's file is made leaves a day in both files: the day's own file is used
    return [new UsageFile(file, since, until, apart)];
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
  return filesOf(folder, since, until).flatMap((file) =>
    linesIn(bytesOf(file.path)).filter(({ day }) => file.takes(day)),
  );
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
 * @param breath - awaited between two pieces of a file, so that other work gets its turn
 * @param counts - days that count of them
 */
export async function sumUsage(
  folder: string,
  [since, until]: readonly [since: string, until: string],
  sums: UsageSums,
  breath: () => Promise<unknown> = () => Promise.resolve(),
  counts: (day: string) => boolean = () => true,
): Promise<void> {
  const memory = { bytes: Buffer.allocUnsafeSlow(PIECE_BYTES) };
  let file: UsageFile;
  const isCounted = (day: string): boolean => file.takes(day) && counts(day);
  for (file of orNone([], () => filesOf(folder, since, until))) {
    for (const lines of piecesOf(file.path, memory)) {
      sums.addLines(lines, isCounted);
      await breath();
    }
  }
}

/**
 * A file as far as it can be read, in pieces of whole lines, each of which lies in `memory` until the next: memory of
 * its own for each file takes as long as reading it.
 */
function* piecesOf(file: string, memory: { bytes: Buffer }): Generator<Buffer> {
  const fd = orNone(null, () => openSync(file, 'r'));
  if (fd === null) return;
  try {
    for (let held = 0; ;) {
      const { bytes } = memory;
      if (held === bytes.length) memory.bytes = Buffer.concat([bytes, bytes]);
      const end = held + orNone(0, () => readSync(fd, memory.bytes, held, memory.bytes.length - held, null));
      const isLast = end === held;
      const whole = isLast ? end : memory.bytes.lastIndexOf(NEW_LINE, end - 1) + 1;
      if (whole > 0) yield memory.bytes.subarray(0, whole);
      if (isLast) return;
      memory.bytes.copyWithin(0, whole, end);
      held = end - whole;
    }
  } finally {
    closeSync(fd);
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
