import { readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { AccountsUnlistable } from './account-store.js';
import { reasonOf } from '../ground/errors.js';

/** Whether a name in the folder is one of an account file. One with a dot in front is some program's own affair (`._a1.json`). */
export const isAccountFile = (name: string): boolean => name.endsWith('.json') && !name.startsWith('.');

/** The id of the account that a file of this name holds. */
export const stem = (name: string): string => name.slice(0, -'.json'.length);

/** A file of the folder by its name, and whether the folder's listing says that it is a regular one. */
export interface Listed {
  readonly id: string;
  readonly name: string;
  readonly type: 'regular' | 'unknown';
}

/** Every account file, in the order of the names, in one go. @throws {AccountsUnlistable} */
export function listSync(folder: string): Listed[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => isAccountFile(name))
      .map((entry): Listed => {
        return { id: stem(entry.name), name: entry.name, type: entry.isFile() ? 'regular' : 'unknown' };
      })
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  } catch (error) {
    throw unlistable(folder, error);
  }
}

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
    `${folder} cannot be listed: ${reasonOf(error)}; the pool stays as it was; mend it, then press R`,
  );
