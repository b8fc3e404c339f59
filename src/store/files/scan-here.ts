/**
 * A look at the folder of the account files without a thread of its own, which would take 10 to 18 MB by Node's version:
 * for a folder of few files on a file system of this machine, of which the system answers from its memory.
 */
import fs from 'node:fs';
import {
  LOCAL_FILE_SYSTEMS,
  scanFolder,
  type ScanBounds,
  type ScanNews,
  type ScanOrder,
  type ScanResult,
  type ScanStart,
} from './folder-scan.js';

/** So many take half a millisecond, each time that they are looked at. */
export const MOST_LOOKED_AT_HERE = 128;

/** Whoever looks at the folder when it is told to. */
export interface Scanner {
  tell(order: ScanOrder): void;
  end(): void;
}

/** Whether the folder is on a file system of this machine; what is not known is not. */
export function isLocalFolder(folder: string): boolean {
  try {
    return LOCAL_FILE_SYSTEMS.includes(fs.statfsSync(folder).type);
  } catch {
    return false;
  }
}

/** A scanner in this thread. @param said - told soon after, never while it is told to look */
export function scannerHere(
  start: ScanStart,
  bounds: ScanBounds,
  said: (news: ScanResult | ScanNews) => void,
): Scanner {
  let isEnded = false;
  let look: (order: ScanOrder) => void = () => undefined;
  const on = (_message: 'message', listener: (order: ScanOrder) => void): void => void (look = listener);
  scanFolder(fs, { parentPort: { on, postMessage: said }, workerData: start }, bounds);
  return {
    tell: (order) =>
      void setImmediate(() => {
        if (!isEnded) look(order);
      }),
    end: () => void (isEnded = true),
  };
}
