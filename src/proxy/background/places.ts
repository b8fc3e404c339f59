/**
 * The place of each account in the order of refreshes: the same after every start, and spread evenly over all accounts.
 */
import { hash } from 'node:crypto';

const DAY_MS = 86_400_000;

/** A number from 0 to 1, evenly spread over all ids, always the same for one id. */
export const placeOf = (id: string): number => Number.parseInt(hash('sha256', id).slice(0, 8), 16) / 2 ** 32;

/**
 * When an account that is refreshed once a day, and was last refreshed at `lastMs`, is due: at the moment of its place
 * on the following day, or if such moments have passed already, at the latest of them. All in ms since 1970.
 */
export function dueOfDay(place: number, lastMs: number, now: number): number {
  const ofFirstDay = place * DAY_MS;
  const dayOf = (ms: number): number => Math.floor((ms - ofFirstDay) / DAY_MS);
  return ofFirstDay + Math.max(dayOf(Math.min(lastMs, now)) + 1, dayOf(now)) * DAY_MS;
}

/**
 * When an account with this place refreshes its access token: between the half of the token's life and `aheadMs` before
 * its end. In ms from the token's end, negative.
 */
export function beforeEnd(place: number, lifeMs: number, aheadMs: number): number {
  const earliest = lifeMs / 2;
  return -(earliest - place * Math.max(0, earliest - aheadMs));
}
