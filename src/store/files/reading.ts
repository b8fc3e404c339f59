import { readAccountFile, type FileContent } from '../accounts/account-file.js';
import { stem } from '../accounts/accounts-folder.js';
import type { Clock } from '../ground/clock.js';
import type { KeptAccount } from './writer/kept-account.js';
import { SECOND_READING_MS } from './writer/write-loop.js';

const FILES_PER_TURN = 100;

/** What a reading found in a file, and the version of the account in memory when it was read. */
interface Reading {
  readonly content: FileContent;
  readonly version: number | undefined;
}

type Known = (id: string) => KeptAccount | undefined;

/** Reads one file of the folder. */
export const readAccount = (folder: string, name: string, type: 'regular' | 'unknown' = 'unknown'): FileContent =>
  readAccountFile(`${folder}/${name}`, stem(name), type);

/**
 * Reads files of the folder, a few at a time so that requests get their turn. One that became unreadable or vanished is
 * read a second time: another program may be in the middle of writing it.
 */
export async function readFiles(
  folder: string,
  names: readonly string[],
  known: Known,
  clock: Clock,
): Promise<ReadonlyMap<string, Reading>> {
  const readings = new Map<string, Reading>();
  const read = async (some: readonly string[]): Promise<void> => {
    for (const [index, name] of some.entries()) {
      if (index % FILES_PER_TURN === FILES_PER_TURN - 1) await new Promise(setImmediate);
      readings.set(name, { content: readAccount(folder, name), version: known(stem(name))?.version });
    }
  };
  await read(names);
  const doubtful = names.filter((name) => isNewlyDoubtful(known(stem(name)), readings.get(name)?.content));
  if (doubtful.length > 0) {
    await clock.wait(SECOND_READING_MS);
    await read(doubtful);
  }
  return readings;
}

/** Whether a file that was readable until now was found unreadable, or one that was there is gone. */
function isNewlyDoubtful(known: KeptAccount | undefined, content: FileContent | undefined): boolean {
  if (content?.kind === 'unreadable') return known?.unreadable !== content.reason;
  return content?.kind === 'gone' && known !== undefined && !known.held && !known.isNew;
}
