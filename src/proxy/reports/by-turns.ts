import { soon } from '../../store/ground/clock.js';

/** So many are dealt with at once: thousands of them would hold up requests and keys. */
const A_TURN = 250;

/**
 * Deals with all of a long list, a few at a time, between which others get their turn; the first of them at once.
 *
 * @param done - called after the last one: at once where they are few
 */
export function byTurns<T>(all: readonly T[], act: (one: T) => void, done = (): void => undefined, from = 0): void {
  for (const one of all.slice(from, from + A_TURN)) act(one);
  if (from + A_TURN >= all.length) done();
  else soon(() => byTurns(all, act, done, from + A_TURN));
}
