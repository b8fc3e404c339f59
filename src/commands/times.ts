import { UsageError } from '../store/ground/errors.js';
import { saying } from '../store/words/saying.js';
import { ownValue } from '../store/ground/json.js';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A span of time as it is typed, `30m` or `7d`, in ms. @throws {UsageError} */
export function spanMs(text: string, option: string): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (ownValue(UNIT_MS, unit ?? '') ?? Number.NaN);
  if (!Number.isFinite(ms))
    throw new UsageError(
      saying('{given}: a time is a number and s, m, h or d, such as 30m or 7d', { given: `${option} ${text}` }),
    );
  return ms;
}

const two = (number: number): string => String(number).padStart(2, '0');

/** A moment in the time of this machine: `2026-11-29 23:05:09`. @param at - ms since 1970 */
export function moment(at: number): string {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
