import { createRequire } from 'node:module';

/** The part of fs-native-extensions that we use; it ships no types. */
interface NativeFiles {
  /** Asks for an exclusive lock on an open file; false where another descriptor holds it. */
  tryLock(fd: number): boolean;
  unlock(fd: number): void;
  /** Swaps the files of two paths: `renameat2(RENAME_EXCHANGE)` on Linux, `renamex_np(RENAME_SWAP)` on macOS. */
  swap(from: string, to: string): Promise<void>;
}

const load = createRequire(import.meta.url);
let loaded: NativeFiles | null = null;

/** What only the system can do to files. It is loaded when first needed: a verb that asks a supervisor never does. */
const native = (): NativeFiles => (loaded ??= load('fs-native-extensions') as NativeFiles);

export const tryLock = (fd: number): boolean => native().tryLock(fd);
export const unlock = (fd: number): void => native().unlock(fd);
export const swap = (from: string, to: string): Promise<void> => native().swap(from, to);
