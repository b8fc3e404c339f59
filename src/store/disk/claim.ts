import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { temporaryBeside } from './durable.js';
import { systemCode } from '../ground/errors.js';

/** File systems without hard links say so in one of these words. */
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']);

/**
 * Claims something by a file (0600) that only one process can make, whole from the first moment.
 *
 * @returns `text` where this one made it, else what the one says that was faster; null: that one has let go of it meanwhile
 * @throws the system's error where no file can be made there
 */
export function claimedText(file: string, text: string): string | null {
  const temporary = temporaryBeside(file);
  writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
  try {
    linkSync(temporary, file);
    return text;
  } catch (error) {
    const code = systemCode(error);
    if (NO_LINKS.has(code)) return text;
    // a start that clears strays may have taken ours for one
    if (code === 'ENOENT') return null;
    if (code !== 'EEXIST') throw error;
    return textOf(file);
  } finally {
    rmSync(temporary, { force: true });
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
