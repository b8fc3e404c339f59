import type { AskedFor, UpstreamAnswer } from '../../../answers/google-answer.js';
import { googleErrorOf } from '../../../answers/google-error.js';
import { verdictOf } from '../../../answers/judge.js';
import { retryAfterMs } from '../../../http/headers.js';
import { type Trouble, troubleOf } from './trouble.js';

/**
 * The trouble for the client from a refusal of Google's, in Google's words where it has any.
 *
 * @param model - the model asked for, by the client's name, where a 404 can only be about that; null: it is about
 * something else
 * @param now - ms since 1970
 */
export function googleTrouble(answer: UpstreamAnswer, asked: AskedFor, model: string | null, now: number): Trouble {
  const { status, body, retryAfter } = answer;
  const error = googleErrorOf(body);
  const { cause, seconds } = verdictOf(answer, asked, now);
  const said = seconds ?? inSeconds(retryAfterMs(retryAfter, now));
  return troubleOf({
    ...{ status, model },
    message: error === null || error.message === '' ? `the upstream answered ${status}` : error.message,
    reason: error?.details.find(({ reason }) => reason !== '')?.reason ?? null,
    // If it is clearly about an account or its project, the client could do nothing about it.
    aboutRequest: status === 403 && (cause === 'forbidden' || cause === null),
    ...(said !== null && { retryAfterSeconds: Math.max(1, Math.ceil(said)) }),
  });
}

const inSeconds = (ms: number | null): number | null => (ms === null ? null : ms / 1_000);
