import type { AskedFor, UpstreamAnswer } from '../../../answers/google-answer.js';
import { errorStatusOf } from '../../../answers/first-event.js';
import { type GoogleError, googleErrorOf } from '../../../answers/google-error.js';
import { verdictOf } from '../../../answers/judge.js';
import { saidDelay } from '../../../answers/rate-limit.js';
import { retryAfterMs } from '../../../http/headers.js';
import type { GeminiEvent } from '../gemini/gemini.js';
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
    // what is neither good nor an error is nothing that a client asked for
    ...{ status: status < 400 ? 502 : status, model },
    message: error === null || error.message === '' ? `the upstream answered ${status}` : error.message,
    reason: reasonIn(error),
    // If it is clearly about an account or its project, the client could do nothing about it.
    aboutRequest: status === 403 && (cause === 'forbidden' || cause === null),
    ...(said !== null && { retryAfterSeconds: wholeSeconds(said) }),
  });
}

/** The trouble from an error within a good answer, or in the middle of a stream. */
export function troubleIn(given: NonNullable<GeminiEvent['error']>): Trouble {
  const error = googleErrorOf(JSON.stringify({ error: given }));
  const said = error === null ? null : inSeconds(saidDelay(error));
  return troubleOf({
    status: (error === null ? null : errorStatusOf(error)) ?? 500,
    message: error === null || error.message === '' ? 'the upstream failed' : error.message,
    reason: reasonIn(error),
    ...(said !== null && { retryAfterSeconds: wholeSeconds(said) }),
  });
}

const reasonIn = (error: GoogleError | null): string | null =>
  error?.details.find(({ reason }) => reason !== '')?.reason ?? null;
const wholeSeconds = (seconds: number): number => Math.max(1, Math.ceil(seconds));

const inSeconds = (ms: number | null): number | null => (ms === null ? null : ms / 1_000);
