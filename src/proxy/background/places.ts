/** The place of each account in the order of refreshes: the same after every start, and all of them spread evenly. */
import { createHash } from 'node:crypto';

const DAY_MS = 86_400_000;

/** 0 to 1, evenly spread over all ids, always the same for one. */
export const placeOf = (id: string): number => createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;

/**
 * When an account that is refreshed once a day is due, having been refreshed at `lastMs`: at its moment of the day after
 * that, or where one has passed already, at the last one that has. All in ms since 1970.
 */
export function dueOfDay(place: number, lastMs: number, now: number): number {
  const ofFirstDay = place * DAY_MS;
  const dayOf = (ms: number): number => Math.floor((ms - ofFirstDay) / DAY_MS);
  return ofFirstDay + Math.max(dayOf(Math.min(lastMs, now)) + 1, dayOf(now)) * DAY_MS;
}

/** Between the half of an access token's life and `aheadMs` before its end. In ms from the token's end, negative. */
export function beforeEnd(place: number, lifeMs: number, aheadMs: number): number {
  const earliest = lifeMs / 2;
  return -(earliest - place * Math.max(0, earliest - aheadMs));
}
