import { opendirSync, readdirSync, type Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { AccountsUnlistable } from './account-store.js';
import { reason, saying } from '../words/saying.js';

/** So many names the system is asked for in one call. */
const ENTRIES_AT_ONCE = 256;

/**
 * Whether a file of the folder is an account file, by its name. Files whose name begins with a dot belong to some other
 * program (`._a1.json`).
 */
export const isAccountFile = (name: string): boolean => name.endsWith('.json') && !name.startsWith('.');

/** The account id in a file's name: the name without `.json`. */
export const stem = (name: string): string => name.slice(0, -'.json'.length);

/** A file of the folder by its name, and whether the folder's listing says that it is a regular one. */
export interface Listed {
  readonly id: string;
  readonly name: string;
  readonly type: 'regular' | 'unknown';
}

/** Every account file, in the order of the names, read synchronously. @throws {AccountsUnlistable} */
export function listSync(folder: string): Listed[] {
  try {
    return inOrder(readdirSync(folder, { withFileTypes: true }));
  } catch (error) {
    throw unlistable(folder, error);
  }
}

/** The same of a folder of fewer entries than so many; null: it has them. @throws {AccountsUnlistable} */
export function listFewSync(folder: string, tooMany: number): Listed[] | null {
  try {
    const open = opendirSync(folder, { bufferSize: ENTRIES_AT_ONCE });
    try {
      const entries: Dirent[] = [];
      for (let entry = open.readSync(); entry !== null; entry = open.readSync()) {
        if (entries.push(entry) >= tooMany) return null;
      }
      return inOrder(entries);
    } finally {
      open.closeSync();
    }
  } catch (error) {
    throw unlistable(folder, error);
  }
}

const inOrder = (entries: readonly Dirent[]): Listed[] =>
  entries
    .filter(({ name }) => isAccountFile(name))
    .map((entry): Listed => {
      return { id: stem(entry.name), name: entry.name, type: entry.isFile() ? 'regular' : 'unknown' };
    })
    .sort((one, other) => (one.id < other.id ? -1 : 1));

/** The names of all account files. @throws {AccountsUnlistable} */
export async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(isAccountFile).sort();
  } catch (error) {
    throw unlistable(folder, error);
  }
}

const unlistable = (folder: string, error: unknown): AccountsUnlistable =>
  new AccountsUnlistable(
    saying('{folder} cannot be listed: {why}; the pool stays as it was; mend it, then press R', {
      folder,
      why: reason(error),
    }),
  );
