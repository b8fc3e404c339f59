import { setImmediate as breath } from 'node:timers/promises';
import { readAccountFile, readAccountFileLater, type FileContent } from '../accounts/account-file.js';
import { stem } from '../accounts/accounts-folder.js';
import type { Clock } from '../ground/clock.js';
import { byItself } from '../ground/faults.js';
import type { KeptAccount } from './writer/kept-account.js';
import { SECOND_READING_MS } from './writer/write-loop.js';

/** One thread less than Node's for file system calls, so that others get one. */
const AT_ONCE = 3;
/** A file that has not been read for so long hangs: the others are taken in without it. */
const HANGS_AFTER_MS = 1_000;

/** So many changed files are taken in at once. */
const FILES_A_TURN = 100;

/** What a reading found in a file, and the version of the account in memory when it was read. */
export interface Reading {
  readonly content: FileContent;
  readonly version: number | undefined;
}

type NamedReading = readonly [name: string, reading: Reading];

type Known = (id: string) => KeptAccount | undefined;

/** Reads one file of the folder. */
export const readAccount = (folder: string, name: string, type: 'regular' | 'unknown' = 'unknown'): FileContent =>
  readAccountFile(`${folder}/${name}`, stem(name), type);

/** What reads files of the folder. */
export interface FileReadings {
  readonly folder: string;
  readonly clock: Clock;
  readonly known: Known;
  /** Told of a file that hung, once it does no more: it is to be read anew. */
  readonly late: (name: string) => void;
}

/**
 * Reads files of the folder, a few at a time; nothing waits for them but the caller, and he not for one that hangs. What
 * says nothing new is not kept: of a whole folder that would be all that memory holds once more. One that became
 * unreadable or vanished is read a second time: another program may be in the middle of writing it.
 */
export async function readFiles(names: readonly string[], parts: FileReadings): Promise<Map<string, Reading>> {
  const { clock, known } = parts;
  const readings = new Map<string, Reading>();
  await readAll(names, parts, readings);
  const doubtful = names.filter((name) => isNewlyDoubtful(known(stem(name)), readings.get(name)?.content));
  if (doubtful.length > 0) {
    await clock.wait(SECOND_READING_MS);
    await readAll(doubtful, parts, readings);
  }
  return readings;
}

async function readAll(names: readonly string[], parts: FileReadings, into: Map<string, Reading>): Promise<void> {
  const { folder, known, late } = parts;
  const left = names.values();
  const work = async (): Promise<void> => {
    for (const name of left) {
      const id = stem(name);
      const version = known(id)?.version;
      const content = await orHangs(readAccountFileLater(`${folder}/${name}`, id), () => late(name));
      if (content === null || known(id)?.says(content) === true) into.delete(name);
      else into.set(name, { content, version });
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, names.length) }, work));
}

/** null: it hangs. @param late - called when it does no more */
async function orHangs<T>(reading: Promise<T>, late: () => void): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<null>((resolve) => (timer = setTimeout(resolve, HANGS_AFTER_MS, null)));
  const first = await Promise.race([reading, hangs]);
  clearTimeout(timer);
  if (first === null) byItself('the reading of an account file', reading.then(late));
  return first;
}

/** Whether a file that was readable until now was found unreadable, or one that was there is gone. */
function isNewlyDoubtful(known: KeptAccount | undefined, content: FileContent | undefined): boolean {
  if (content?.kind === 'unreadable') return known?.unreadable !== content.reason;
  return content?.kind === 'gone' && known !== undefined && !known.held && !known.isNew;
}

/** What a file says: what the reading found, or, where the account has changed since, what it says now. */
export const contentNow = (
  folder: string,
  name: string,
  reading: Reading,
  known: KeptAccount | undefined,
): FileContent =>
  known?.version === reading.version && known?.isWriting !== true ? reading.content : readAccount(folder, name);

/**
 * Hands readings on: a few of them in one step, so that an account whose file got another name is never away; many by
 * turns, so that other work gets its turn between them. Files that were gone then come last, and are read again: they
 * may be back.
 */
export async function handOn(
  readings: Map<string, Reading>,
  readAgain: (names: readonly string[]) => Promise<ReadonlyMap<string, Reading>>,
  act: (some: readonly NamedReading[]) => void,
): Promise<void> {
  if (readings.size <= FILES_A_TURN) {
    act([...readings]);
    return;
  }
  const gone = [...readings].flatMap(([name, { content }]) => (content.kind === 'gone' ? [name] : []));
  for (const name of gone) readings.delete(name);
  const present = [...readings];
  for (let from = 0; from < present.length; from += FILES_A_TURN) {
    act(present.slice(from, from + FILES_A_TURN));
    await breath();
  }
  if (gone.length > 0) act([...(await readAgain(gone))]);
}
