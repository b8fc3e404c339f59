import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import type { PlainWord } from '../store/words/tongue.js';
import { systemCode } from '../store/ground/errors.js';

export const OUT_OF_DESCRIPTORS: PlainWord =
  'there are too few file descriptors to start: raise the limit (`ulimit -n`, LimitNOFILE= of a unit); 256 is enough to begin with';

/** What Node says of a package or file that it could not open. */
const NOT_LOADED: readonly string[] = [
  'ERR_MODULE_NOT_FOUND',
  'MODULE_NOT_FOUND',
  'ERR_INVALID_PACKAGE_CONFIG',
  'ERR_DLOPEN_FAILED',
];

/**
 * Whether something failed because no file could be opened any more. Node reports that as a package or file that does
 * not exist or cannot be read, where it was to load one.
 */
export function isOutOfDescriptors(error: unknown): boolean {
  const code = systemCode(error);
  if (code === 'EMFILE' || code === 'ENFILE') return true;
  return NOT_LOADED.includes(code) && !canOpen();
}

function canOpen(): boolean {
  try {
    closeSync(openSync(devNull, 'r'));
    return true;
  } catch {
    return false;
  }
}
