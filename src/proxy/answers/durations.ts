/** No quota lasts longer than this: an answer that says so is nonsense, and some such times fit into no date. */
export const LONGEST_MS = 31 * 86_400_000;

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1, us: 1e-3, µs: 1e-3, μs: 1e-3, ns: 1e-6 };

const UNIT = String.raw`ms|us|\u00b5s|\u03bcs|ns|d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?`;
const PART = String.raw`\d+(?:\.\d+)?\s*(?:${UNIT})`;
/** The source of a pattern for a duration within a text: `27h41m36s`, `47.4s`, `201.5ms`, `1h 5m`, `2 minutes`. */
export const DURATION = String.raw`${PART}(?:(?:,? and |,?\s*)${PART})*\b`;
const whole = new RegExp(`^${DURATION}$`);
const parts = new RegExp(String.raw`(\d+(?:\.\d+)?)\s*(${UNIT})`, 'g');

/** What a unit is called for short: `minutes` is `m`. */
const shortUnit = (unit: string): string => (/^(?:[dhms](?!s$))/.test(unit) ? unit.slice(0, 1) : unit);

/**
 * A duration in ms as Google's APIs write it: protobuf's `12.5s`, Go's `108h48m20.795762633s` and `201.506475ms`. At
 * most 31 days; null: the text is no duration.
 */
export function durationMs(text: string): number | null {
  const trimmed = text.trim();
  if (!whole.test(trimmed)) return null;
  let ms = 0;
  for (const [, number = '0', unit = 's'] of trimmed.matchAll(parts)) {
    ms += Number(number) * unitMs[shortUnit(unit) as keyof typeof unitMs];
  }
  return Math.min(Math.round(ms), LONGEST_MS);
}

/**
 * How long until a time that is written out (`2026-11-30T08:00:00Z`), in ms from `now`; null: the text is no time, or
 * the time is past.
 */
export function untilMs(text: string, now: number): number | null {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text)) return null;
  const left = Date.parse(text) - now;
  return left > 0 ? Math.min(left, LONGEST_MS) : null;
}
