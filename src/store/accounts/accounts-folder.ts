import { readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { AccountsUnlistable } from './account-store.js';
import { reason, saying } from '../words/saying.js';

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
    saying('{folder} cannot be listed: {why}; the pool stays as it was; mend it, then press R', {
      folder,
      why: reason(error),
    }),
  );
