import { createRequire } from 'node:module';
import { systemCode } from '../ground/errors.js';

/** The part of fs-native-extensions that we use; it ships no types. */
interface NativeFiles {
  /** Asks for an exclusive lock on an open file; false where another descriptor holds it. */
  tryLock(fd: number): boolean;
  unlock(fd: number): void;
  /** Swaps the files of two paths: `renameat2(RENAME_EXCHANGE)` on Linux, `renamex_np(RENAME_SWAP)` on macOS. */
  swap(from: string, to: string): Promise<void>;
}

/** What is behind it, as of the one version that package.json names. */
interface Addon {
  /** @param length - 0: to the end of the file @throws EAGAIN where another descriptor holds it */
  tryLock(fd: number, offset: number, length: number, exclusive: boolean): void;
  unlock(fd: number, offset: number, length: number): void;
}

const load = createRequire(import.meta.url);
let loaded: NativeFiles | null = null;
let locks: Pick<NativeFiles, 'tryLock' | 'unlock'> | null = null;

/** What only the system can do to files. It is loaded when first needed: a verb that asks a supervisor never does. */
const native = (): NativeFiles => (loaded ??= load('fs-native-extensions') as NativeFiles);

/** The locks alone, which every start needs: the package looks through sixteen files for the one that has them. */
function locksAtHand(): Pick<NativeFiles, 'tryLock' | 'unlock'> {
  const { platform, arch } = process;
  try {
    return locksOf(load(`fs-native-extensions/prebuilds/${platform}-${arch}/fs-native-extensions.node`) as Addon);
  } catch {
    // it lies elsewhere, or is none for this system: the package knows, or says why
    return native();
  }
}

const locksOf = (addon: Addon): Pick<NativeFiles, 'tryLock' | 'unlock'> => ({
  tryLock: (fd) => {
    try {
      addon.tryLock(fd, 0, 0, true);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EAGAIN') return false;
      throw error;
    }
  },
  unlock: (fd) => addon.unlock(fd, 0, 0),
});

export const tryLock = (fd: number): boolean => (locks ??= locksAtHand()).tryLock(fd);
export const unlock = (fd: number): void => (locks ??= locksAtHand()).unlock(fd);
export const swap = (from: string, to: string): Promise<void> => native().swap(from, to);
