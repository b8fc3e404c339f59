/** First pause after a failure, and the longest, in ms. */
const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;

/** A server that asks for more than this is mistaken. */
const LONGEST_ASKED_MS = 24 * 3_600_000;

/**
 * How long to wait after the `failures`th temporary failure in a row (1 is the first), in ms: 1 to 2 s, doubling to
 * 5 min, spread by `random` (0 to 1) so that accounts that failed together do not come back together. A longer wait that
 * the server asked for wins, up to a day.
 */
export function backoffMs(failures: number, random: number, retryAfterMs: number | null): number {
  const step = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 30), LONGEST_MS / 2);
  return Math.max(Math.min(step * (1 + random), LONGEST_MS), Math.min(retryAfterMs ?? 0, LONGEST_ASKED_MS));
}

const FIRST_REFUSAL_MS = 15 * 60_000;
const LONGEST_REFUSAL_MS = 24 * 3_600_000;

/** How long to wait after a refusal that is no verdict, in ms: 15 min, doubling to 24 h. */
export const refusalPauseMs = (refusals: number): number =>
  Math.min(FIRST_REFUSAL_MS * 2 ** Math.min(refusals - 1, 30), LONGEST_REFUSAL_MS);
