import { readAccountFile, type FileContent } from '../accounts/account-file.js';
import { stem } from '../accounts/accounts-folder.js';
import type { Clock } from '../ground/clock.js';
import { SECOND_LOOK_MS, type KeptAccount } from './writer/kept-account.js';

const FILES_PER_TURN = 100;

/** What a look saw of a file, and of which state of memory it knew. */
interface Look {
  readonly content: FileContent;
  readonly version: number | undefined;
}

type Known = (id: string) => KeptAccount | undefined;

/** One look at a file of the folder. */
export const readAccount = (folder: string, name: string, type: 'regular' | 'unknown' = 'unknown'): FileContent =>
  readAccountFile(`${folder}/${name}`, stem(name), type);

/**
 * Looks at files of the folder, a few at a time so that requests get their turn. One that became unreadable or vanished
 * gets a second look: another program may be in the middle of writing it.
 */
export async function lookAt(
  folder: string,
  names: readonly string[],
  known: Known,
  clock: Clock,
): Promise<ReadonlyMap<string, Look>> {
  const looks = new Map<string, Look>();
  const read = async (some: readonly string[]): Promise<void> => {
    for (const [index, name] of some.entries()) {
      if (index % FILES_PER_TURN === FILES_PER_TURN - 1) await new Promise(setImmediate);
      looks.set(name, { content: readAccount(folder, name), version: known(stem(name))?.version });
    }
  };
  await read(names);
  const doubtful = names.filter((name) => isNews(known(stem(name)), looks.get(name)?.content));
  if (doubtful.length > 0) {
    await clock.wait(SECOND_LOOK_MS);
    await read(doubtful);
  }
  return looks;
}

/** Whether a look found a file newly unreadable or gone. */
function isNews(known: KeptAccount | undefined, content: FileContent | undefined): boolean {
  if (content?.kind === 'unreadable') return known?.unreadable !== content.reason;
  return content?.kind === 'gone' && known !== undefined && !known.held && !known.isNew;
}
