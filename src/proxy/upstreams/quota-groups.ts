import * as v from 'valibot';
import type { QuotaGroup } from '../../store/accounts/account.js';
import { jsonOf } from '../../store/ground/json.js';

const text = v.fallback(v.optional(v.string(), ''), '');

/** An answer of `retrieveUserQuotaSummary`, as far as it is read. Google leaves out zeros. */
const SummarySchema = v.object({
  groups: v.array(
    v.object({
      displayName: text,
      buckets: v.fallback(
        v.array(
          v.object({
            ...{ bucketId: text, window: text, resetTime: text },
            remainingFraction: v.fallback(v.optional(v.number(), 0), 0),
          }),
        ),
        [],
      ),
    }),
  ),
});

/** More groups, and buckets in each, than any account has. */
const MOST = 20;

/** Limits that several models share, from an answer of `retrieveUserQuotaSummary`; null where it is none. */
export function quotaGroupsOf(body: string): readonly QuotaGroup[] | null {
  const parsed = v.safeParse(SummarySchema, jsonOf(body));
  if (!parsed.success) return null;
  return parsed.output.groups.slice(0, MOST).map(({ displayName, buckets }) => ({
    name: displayName,
    buckets: buckets.slice(0, MOST).map(({ bucketId, window, remainingFraction, resetTime }) => ({
      ...{ id: bucketId, window, resetTime: resetTime === '' ? null : resetTime },
      percentage: Math.round(Math.min(1, Math.max(0, remainingFraction)) * 100),
    })),
  }));
}
