import * as v from 'valibot';

/** What is counted. `in` is without cached tokens, `out` without thoughts. */
export const usageNumbers = [
  'requests',
  'failed',
  'held',
  'in',
  'cached',
  'out',
  'thoughts',
  'bytes',
  'unread',
] as const;
export type UsageNumber = (typeof usageNumbers)[number];
export type UsageNumbers = Readonly<Record<UsageNumber, number>>;

/** The names by which requests are counted apart. */
export const usageNames = ['day', 'account', 'model', 'key', 'protocol'] as const;
export type UsageName = (typeof usageNames)[number];

/** What one combination of names used in a day: a line of a file. A name that is not known is `-`. */
export type UsageLine = Readonly<Record<UsageName, string>> & UsageNumbers;

const number = v.optional(v.number(), 0);

/** What is counted, as it is written: a number that is missing is 0. */
export const UsageNumbersSchema = v.object({
  ...{ requests: number, failed: number, held: number, in: number, cached: number, out: number, thoughts: number },
  ...{ bytes: number, unread: number },
});

export const UsageLineSchema: v.GenericSchema<unknown, UsageLine> = v.object({
  ...{ day: v.string(), account: v.string(), model: v.string(), key: v.string(), protocol: v.string() },
  ...UsageNumbersSchema.entries,
});

const two = (value: number): string => String(value).padStart(2, '0');

/** The day of a moment in this machine's time zone: `2026-11-29`. @param at - ms since 1970 */
export function dayOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The day that is `days` before. */
export function dayBefore(at: number, days: number): string {
  const date = new Date(at);
  return dayOf(new Date(date.getFullYear(), date.getMonth(), date.getDate() - days, 12).getTime());
}

export const noUsage: UsageNumbers = {
  ...{ requests: 0, failed: 0, held: 0, in: 0, cached: 0, out: 0, thoughts: 0, bytes: 0, unread: 0 },
};

export const usageSum = (one: UsageNumbers, other: UsageNumbers): UsageNumbers => ({
  requests: one.requests + other.requests,
  failed: one.failed + other.failed,
  held: one.held + other.held,
  in: one.in + other.in,
  cached: one.cached + other.cached,
  out: one.out + other.out,
  thoughts: one.thoughts + other.thoughts,
  bytes: one.bytes + other.bytes,
  unread: one.unread + other.unread,
});

export const tokensIn = ({
  in: fresh,
  cached,
  out,
  thoughts,
}: Pick<UsageNumbers, 'in' | 'cached' | 'out' | 'thoughts'>): number => fresh + cached + out + thoughts;

/** What was used, summed up by some of the names. */
export type UsageSum = Partial<Record<UsageName, string>> & UsageNumbers;

export const UsageSumSchema: v.GenericSchema<unknown, UsageSum> = v.object({
  ...{ day: v.exactOptional(v.string()), account: v.exactOptional(v.string()), model: v.exactOptional(v.string()) },
  ...{ key: v.exactOptional(v.string()), protocol: v.exactOptional(v.string()) },
  ...{ requests: v.number(), failed: v.number(), held: v.number(), in: v.number(), cached: v.number() },
  ...{ out: v.number(), thoughts: v.number(), bytes: v.number(), unread: v.number() },
});
