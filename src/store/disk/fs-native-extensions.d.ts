/** The part of fs-native-extensions that we use; it ships no types. */
declare module 'fs-native-extensions' {
  /** Asks for an exclusive lock on an open file; false where another descriptor holds it. */
  export function tryLock(fd: number): boolean;
  export function unlock(fd: number): void;
  /** Swaps the files of two paths: `renameat2(RENAME_EXCHANGE)` on Linux, `renamex_np(RENAME_SWAP)` on macOS. */
  export function swap(from: string, to: string): Promise<void>;
}
