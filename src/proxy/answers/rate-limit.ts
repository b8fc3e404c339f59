import { retryAfterMs } from '../http/headers.js';
import { DURATION, durationMs, LONGEST_MS, untilMs } from './durations.js';
import { type Case, oneLine } from './google-answer.js';
import type { GoogleError } from './google-error.js';
import { midnightPacific } from './pacific-midnight.js';

/** Whose quota a 429 says is used up. `unsaid`: it does not say. */
export type QuotaOwner = 'account' | 'project' | 'unsaid';

const PER_DAY = /per[ _-]?day/i;
const PER_PROJECT = /per[ _-]?project/i;
const PER_USER = /individual|per[ _-]?user/i;

/** How messages say how long to wait: `Please retry in 47.4s`, `reset after 27h41m36s`, `Resets in 108h48m29s`. */
const wait = new RegExp(
  String.raw`(?:retry|try again|resets?|available)(?: again)? (?:in|after) (?<wait>${DURATION})`,
  'i',
);

/** The texts of a 429 that may say which limit was reached. */
const placesOf = ({ error: { message, details } }: Pick<Case, 'error'>): readonly string[] => [
  oneLine(message),
  ...details.flatMap(({ violations, metadata }) => [
    ...violations.flatMap(({ quotaId, quotaMetric }) => [quotaId, quotaMetric]),
    metadata.quota_limit ?? '',
    metadata.quota_metric ?? '',
  ]),
];

/**
 * Whose the quota is. "Per project and per user" counts as the user's: if that is wrong it costs a try, while a wrong
 * "project" rests the whole project.
 */
export function quotaOwnerOf(answer: Pick<Case, 'error'>): QuotaOwner {
  const places = placesOf(answer);
  if (places.some((place) => PER_USER.test(place))) return 'account';
  return places.some((place) => PER_PROJECT.test(place)) ? 'project' : 'unsaid';
}

/** Whether a daily quota is used up. */
export const isDaily = (answer: Pick<Case, 'error'>): boolean => placesOf(answer).some((place) => PER_DAY.test(place));

/** What a 429 says about when to ask again. */
export interface SaidWait {
  /** The wait in ms; null: not said. */
  readonly ms: number | null;
  readonly daily: boolean;
}

/**
 * How long a 429 asks to wait, at most 31 days.
 *
 * A daily quota counts until midnight in California, whatever shorter delay is given too: Google gives one of some
 * seconds even then.
 */
export function saidWait(answer: Case): SaidWait {
  const said = firstSaid(answer);
  if (!isDaily(answer)) return { ms: said, daily: false };
  return { ms: Math.min(Math.max(midnightPacific(answer.now) - answer.now, said ?? 0), LONGEST_MS), daily: true };
}

/** The wait by the first source that gives a time in the future; null where there is none. */
function firstSaid(answer: Case): number | null {
  let said: number | null = null;
  for (const source of sources) {
    const ms = source(answer);
    if (ms !== null && ms > 0) return Math.min(ms, LONGEST_MS);
    said ??= ms;
  }
  return said;
}

/** How long an error asks to wait, where it says so as a length of time; ms. */
export function saidDelay(error: GoogleError): number | null {
  const { details, message } = error;
  const inDetails = [...details.map(({ retryDelay }) => retryDelay), ...details.map(resetDelay)];
  return inDetails.find((ms) => ms !== null && ms > 0) ?? delayInWords(message);
}

const resetDelay = ({ metadata }: GoogleError['details'][number]): number | null =>
  durationMs(metadata.quotaResetDelay ?? '');
const delayInWords = (message: string): number | null =>
  durationMs((wait.exec(oneLine(message))?.groups?.wait ?? '').toLowerCase());

type Source = (answer: Case) => number | null;

/** In order of trust: exact times before rounded ones, the body before the header, which a gateway may have added. */
const sources: readonly Source[] = [
  ({ error }) => longest(error.details.map(({ retryDelay }) => retryDelay)),
  ({ error, now }) => longest(error.details.map(({ metadata }) => untilMs(metadata.quotaResetTimeStamp ?? '', now))),
  ({ error }) => longest(error.details.map(resetDelay)),
  ({ retryAfter, now }) => retryAfterMs(retryAfter, now),
  ({ error }) => delayInWords(error.message),
];

function longest(all: readonly (number | null)[]): number | null {
  const said = all.filter((ms) => ms !== null);
  return said.length === 0 ? null : Math.max(...said);
}
