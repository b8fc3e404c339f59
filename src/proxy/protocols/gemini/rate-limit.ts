import { type ErrorDetail, googleErrorOf } from './errors.js';
import { retryAfterMs } from '../../http/headers.js';

/** Until when nothing more should be asked for, and who said so. */
export interface CoolDown {
  /** ms since 1970. */
  readonly untilMs: number;
  readonly reason: string;
}

/** What a 429 says. */
export interface RateLimitAnswer {
  /** The Retry-After header. */
  readonly retryAfter: string | null;
  /** The body as text; empty where it could not be read. */
  readonly body: string;
}

/** For a 429 that says nothing about when. */
const UNSAID_MS = 10_000;
const DAY_MS = 86_400_000;

/** No quota is of a longer time. What says more is nonsense, and some of it is no time that a clock or a file can hold. */
const LONGEST_MS = 31 * DAY_MS;

/**
 * How long a 429 asks to be left alone.
 *
 * A daily quota counts until midnight in California, whatever shorter delay is named beside it: Google names one of some
 * seconds even there. Otherwise Retry-After, then `RetryInfo.retryDelay` of the body, then ten seconds.
 */
export function coolDownOf(answer: RateLimitAnswer, now: number): CoolDown {
  const details = googleErrorOf(answer.body)?.details ?? [];
  const asked = retryAfterMs(answer.retryAfter, now) ?? retryDelayMs(details);
  const said = asked === null ? null : Math.min(asked, LONGEST_MS);
  if (details.some(isDaily)) {
    return { untilMs: Math.max(midnightPacific(now), now + (said ?? 0)), reason: 'daily quota used up' };
  }
  return said === null
    ? { untilMs: now + UNSAID_MS, reason: 'rate limit' }
    : { untilMs: now + said, reason: `rate limit, asked to wait ${Math.ceil(said / 1000)} s` };
}

const DAILY = /per_?day/i;

const isDaily = (detail: ErrorDetail): boolean =>
  detail.violations.some(({ quotaId, quotaMetric }) => DAILY.test(quotaId) || DAILY.test(quotaMetric)) ||
  DAILY.test(detail.metadata.quota_limit ?? '');

function retryDelayMs(details: readonly ErrorDetail[]): number | null {
  const delays = details.map(({ retryDelay }) => durationMs(retryDelay)).filter((delay) => delay !== null);
  return delays.length === 0 ? null : Math.max(...delays);
}

/** A duration as protobuf writes it in JSON (`12.5s`), or with hours and minutes before (`2h31m12.5s`). */
function durationMs(text: string): number | null {
  const [all, hours = '0', minutes = '0', seconds = '0'] =
    /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(text) ?? [];
  if (all === undefined || all === '') return null;
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000);
}

const pacificTime = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
});

/** What to add to a time to read it off a clock in California; whole seconds of `at` only. */
function pacificOffsetMs(at: number): number {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of pacificTime.formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** The next midnight in California, when Google's daily quotas begin anew; ms since 1970. */
export function midnightPacific(now: number): number {
  const wall = now + pacificOffsetMs(now);
  const midnight = Math.floor(wall / DAY_MS) * DAY_MS + DAY_MS;
  // The clocks may change between now and then.
  return midnight - pacificOffsetMs(midnight - pacificOffsetMs(now));
}
