import type { Writable } from 'node:stream';
import { reasonOf, RegrantError, systemCode } from '../store/ground/errors.js';
import type { Context } from './context.js';

/** What a verb had to say did not get to where it was sent. Exit status 1. */
export class AnswerLost extends RegrantError {
  readonly code = 'ANSWER_LOST';
}

/**
 * The verb, which ends only when standard output has taken all that it said: a slow reader gets the whole of it. One
 * that goes away has seen enough; anything else that takes no more, a full disk say, makes a failure of it.
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
      throw new AnswerLost(`the answer cannot be written to standard output: ${reasonOf(first)}`, { cause: first });
    } finally {
      stdout.off('error', onError);
    }
  };

/** Resolves when everything before has left (null), or cannot any more, with why. */
const takenBy = (stream: Writable): Promise<Error | null> =>
  new Promise((resolve) => stream.write('', (error) => resolve(error ?? null)));
