declare const inHisTongue: unique symbol;

/** A text in the tongue of the operator of this process; only the catalogue makes one (`store/words`). */
export type Spoken = string & { readonly [inHisTongue]: true };

/** A text that programs, logs and other processes read in English, and the operator of this one in his tongue. */
export interface Saying {
  readonly english: string;
  readonly spoken: Spoken;
}

/** An error in English with a code, as the answer to a client of the proxy says it. */
export abstract class CodedError extends Error {
  /** Stable; scripts and tests match on it, never on the text. */
  abstract readonly code: string;

  constructor(text: string, options?: ErrorOptions) {
    super(text, options);
    this.name = new.target.name;
  }
}

/** Base of every error that an operator may read: one line that says what, why and what now, of the catalogue. */
export abstract class RegrantError extends CodedError {
  readonly #saying: Saying;

  constructor(text: Saying, options?: ErrorOptions) {
    super(text.english, options);
    this.#saying = text;
  }

  /** The message as the operator reads it. */
  get saying(): Saying {
    return this.#saying;
  }
}

/** The program cannot run here: address in use, directory locked or not writable. Exit status 3. */
export class CannotRun extends RegrantError {
  constructor(
    readonly code: string,
    text: Saying,
    options?: ErrorOptions,
  ) {
    super(text, options);
  }
}

/** A wrong setting or command line. Exit status 2. */
export class UsageError extends RegrantError {
  readonly code = 'USAGE';
}

/** The system's error code (`ENOSPC`, …) of whatever was thrown, else an empty string. */
export const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const reasonWords = {
  ENOSPC: 'no space left on the disk (ENOSPC)',
  EDQUOT: 'the disk quota is used up (EDQUOT)',
  EROFS: 'the file system is read-only (EROFS)',
  EACCES: 'permission denied (EACCES)',
  EPERM: 'operation not permitted (EPERM)',
  EIO: 'the disk reports an input/output error (EIO)',
  ENOENT: 'no such file or directory (ENOENT)',
  EBUSY: 'it is in use, or a mount point (EBUSY)',
  EXDEV: 'it lies on another file system (EXDEV)',
  ENFILE: 'too many open files on this machine (ENFILE)',
  ESTALE: 'the network file system has forgotten it (ESTALE)',
  EMFILE: 'too many open files (EMFILE)',
  EISDIR: 'it is a directory (EISDIR)',
  ENOTDIR: 'a part of the path is not a directory (ENOTDIR)',
  ELOOP: 'a loop of symbolic links (ELOOP)',
} as const;

/** Why a system call failed, in plain words. */
export type PlainReason = (typeof reasonWords)[keyof typeof reasonWords];

const plainReasons = new Map<string, PlainReason>(Object.entries(reasonWords));

/** What was thrown, in its own words. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Why a system call failed, in plain words with its code. */
export function reasonOf(error: unknown): string {
  return plainReasons.get(systemCode(error)) ?? messageOf(error);
}
