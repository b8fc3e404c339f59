import type { QuotaGroup } from './account.js';
import { isJsonObject, type JsonObject } from '../ground/json.js';
import { cutReason, type Patch } from './patches.js';

export interface QuotaReading {
  readonly models: readonly { readonly name: string; readonly percentage: number; readonly resetTime: string | null }[];
  /** Unix seconds. */
  readonly at: number;
  /** Limits that several models share; null: not known, so what the file says stays. */
  readonly groups: readonly QuotaGroup[] | null;
  /** Models whose remaining quota is to be protected; null: not configured, so what the file says stays. */
  readonly protectedModels: readonly string[] | null;
}

/** More models than any service has. A server that names more would make a file too large to be read. */
const MOST_MODELS = 1_000;

/** Sets the remaining quota of an account. Whatever else the file says about a model stays. */
export const setQuota = ({ models, at, groups, protectedModels }: QuotaReading): Patch => ({
  name: 'setQuota',
  apply(json) {
    const quota = isJsonObject(json.quota) ? json.quota : (json.quota = { is_forbidden: false });
    const before = new Map(
      (Array.isArray(quota.models) ? quota.models.filter(isJsonObject) : []).map((model) => [model.name, model]),
    );
    quota.models = models.slice(0, MOST_MODELS).map(({ name, percentage, resetTime }) => ({
      ...before.get(name),
      name,
      percentage,
      reset_time: resetTime ?? '',
    }));
    quota.last_updated = at;
    if (groups !== null) quota.quota_groups = groups.map(groupInFile);
    // Google tells the remaining quota only to an account that may use the service.
    if (quota.is_forbidden === true) {
      quota.is_forbidden = false;
      delete quota.forbidden_reason;
    }
    if (protectedModels === null) return;
    if (protectedModels.length === 0) delete json.protected_models;
    else json.protected_models = protectedModels.slice(0, MOST_MODELS);
  },
});

/** Google has closed the service to the account: it is left out until its quota can be read again. */
export const setForbidden = (reason: string): Patch => ({
  name: 'setForbidden',
  apply(json) {
    const quota = isJsonObject(json.quota) ? json.quota : (json.quota = { models: [] });
    quota.is_forbidden = true;
    quota.forbidden_reason = cutReason(reason);
  },
});

const groupInFile = ({ name, buckets }: QuotaGroup): JsonObject => ({
  display_name: name,
  buckets: buckets.map(({ id, window, percentage, resetTime }) => ({
    ...{ bucket_id: id, window, remaining_fraction: percentage / 100, reset_time: resetTime ?? '' },
  })),
});
