import type { Writable } from 'node:stream';
import { RegrantError, systemCode } from '../store/ground/errors.js';
import { reason, saying } from '../store/words/saying.js';
import type { Context } from './context.js';

/** The output of a verb could not be written completely. Exit status 1. */
export class AnswerLost extends RegrantError {
  readonly code = 'ANSWER_LOST';
}

/**
 * Runs a verb, and ends only when standard output has taken everything: a slow reader gets the whole output. If the
 * reader goes away that is no failure; if writing fails for another reason, such as a full disk, it is one.
 *
 * @throws {AnswerLost}
 */
export const answered =
  (verb: (context: Context) => Promise<number>) =>
  async (context: Context): Promise<number> => {
    const { stdout } = context;
    const faults: Error[] = [];
    const onError = (error: Error): void => void faults.push(error);
    stdout.on('error', onError);
    try {
      const status = await verb(context);
      const last = await takenBy(stdout);
      const first = faults[0] ?? last;
      if (first === null || systemCode(first) === 'EPIPE') return status;
      const why = reason(first);
      throw new AnswerLost(saying('the answer cannot be written to standard output: {why}', { why }), { cause: first });
    } finally {
      stdout.off('error', onError);
    }
  };

/** Resolves when everything written before was taken (null), or cannot be, with the reason. */
const takenBy = (stream: Writable): Promise<Error | null> =>
  new Promise((resolve) => stream.write('', (error) => resolve(error ?? null)));
