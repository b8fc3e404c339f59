/** The part of fs-native-extensions that we use; it ships no types. */
declare module 'fs-native-extensions' {
  /** Asks for an exclusive lock on an open file; false where another descriptor holds it. */
  export function tryLock(fd: number): boolean;
  export function unlock(fd: number): void;
}
