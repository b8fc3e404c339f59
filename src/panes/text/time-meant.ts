/** A time as somebody types it: of the clock, with a date before it, or how long ago. */

const UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries({ s: 1000, m: 60_000, min: 60_000, h: 3600_000, d: 86_400_000 }),
);

/**
 * `14:05`, `14:05:30` (the last time that the clock showed it), `11-29 14:05`, `2026-11-29 14:05`, `2026-11-29`,
 * `2h30m` or `-90s` (ago), in the operator's time zone.
 *
 * @returns ms since 1970; null where the text is no time, or one in the future
 */
export function timeMeant(typed: string, now: number): number | null {
  const text = typed.trim();
  const ago = timeAgo(text, now);
  if (ago !== null) return ago;
  const found = /^(?:(?:(\d{4})-)?(\d{1,2})-(\d{1,2}))?(?:[ T]*(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(text);
  const [, year, month, day, hour = '0', minute = '0', second = '0'] = found ?? [];
  if (found === null || text === '' || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const at = new Date(now);
  if (month !== undefined && day !== undefined)
    at.setFullYear(Number(year ?? at.getFullYear()), Number(month) - 1, Number(day));
  if (month !== undefined && at.getMonth() !== Number(month) - 1) return null;
  at.setHours(Number(hour), Number(minute), Number(second), 0);
  if (at.getTime() > now) goBack(at, { day, year });
  return at.getTime() > now ? null : at.getTime();
}

/** Goes back to the last time that fits. */
function goBack(
  at: Date,
  { day, year }: { readonly day: string | undefined; readonly year: string | undefined },
): void {
  if (day === undefined) at.setDate(at.getDate() - 1);
  else if (year === undefined) at.setFullYear(at.getFullYear() - 1);
}

function timeAgo(text: string, now: number): number | null {
  if (!/^-?(?:\d+ ?(?:d|h|min|m|s) ?)+$/.test(text)) return null;
  let ms = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/(\d+) ?(d|h|min|m|s)/g))
    ms += Number(number) * (UNITS.get(unit) ?? 0);
  return now - ms;
}
