declare const inHisTongue: unique symbol;

/** A text in the tongue of the operator of this process; only the catalogue makes one (`store/words`). */
export type Spoken = string & { readonly [inHisTongue]: true };

/** A text that programs, logs and other processes read in English, and the operator of this one in his tongue. */
export interface Saying {
  readonly english: string;
  readonly spoken: Spoken;
}

/**
 * Base of every error that an operator may read: one line that says what, why and what now. With `Saying` it takes no text
 * that is not of the catalogue.
 */
export abstract class RegrantError<Text extends Saying | string = Saying | string> extends Error {
  /** Stable; scripts and tests match on it, never on the text. */
  abstract readonly code: string;
  readonly #saying: Saying | null;

  constructor(text: Text, options?: ErrorOptions) {
    super(typeof text === 'string' ? text : text.english, options);
    this.#saying = typeof text === 'string' ? null : text;
    this.name = new.target.name;
  }

  /** The message as the operator reads it; null: it came from elsewhere, in English. */
  get saying(): Saying | null {
    return this.#saying;
  }
}

/** The program cannot run here: address in use, directory locked or not writable. Exit status 3. */
export class CannotRun extends RegrantError<Saying> {
  constructor(
    readonly code: string,
    text: Saying,
    options?: ErrorOptions,
  ) {
    super(text, options);
  }
}

/** A wrong setting or command line. Exit status 2. */
export class UsageError extends RegrantError<Saying> {
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
