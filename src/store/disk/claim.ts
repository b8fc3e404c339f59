import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { temporaryBeside } from './durable.js';
import { systemCode } from '../ground/errors.js';

/** The error codes by which file systems without hard links refuse one. */
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']);

/**
 * Claims something by making a file (0600) that only one process can make; its text is complete from the first moment, and
 * on the disk.
 *
 * @returns `text` where this process made it; else the text of the process that was faster; null: the claim was
 * released meanwhile
 * @throws the system's error where no file can be made there
 */
export function claimedText(file: string, text: string): string | null {
  const temporary = temporaryBeside(file);
  writeFileSync(temporary, text, { flag: 'wx', mode: 0o600, flush: true });
  try {
    linkSync(temporary, file);
    return text;
  } catch (error) {
    const code = systemCode(error);
    if (NO_LINKS.has(code)) return text;
    // another process that starts up may have removed our temporary file as a leftover
    if (code === 'ENOENT') return null;
    if (code !== 'EEXIST') throw error;
    return textOf(file);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Makes a file (0600) with this text where there is none, if that can be done in one step; else it changes nothing. */
export function makeWhereNone(file: string, text: string): void {
  if (existsSync(file)) return;
  try {
    claimedText(file, text);
  } catch {
    // whoever looks for it finds none, and says why when he makes it in another way
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
