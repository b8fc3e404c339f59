import type { Account, Quota, QuotaBucket, QuotaGroup } from '../../store/accounts/account.js';
import type { Settings } from '../../store/settings/settings.js';
import { modelGroup } from '../subject/model-group.js';

/** Which models are protected, and below which percentage of quota left. */
export type QuotaRules = Settings['quotaProtection'];

type ModelQuota = Quota['models'][number];

/** The models whose remaining quota an account protects. */
export interface Protection {
  /** Names of models or of groups, as other programs write them. */
  readonly models: readonly string[];
  /** When a quota reset may release some of the models, ms since 1970; null: only a new reading does. */
  readonly until: number | null;
}

const none: Protection = { models: [], until: null };

/**
 * What an account's file protects at `now` (ms since 1970): `protected_models`, whoever wrote them, and models that by
 * the file's own quota are nearly used up. Models whose reset time has passed are released.
 */
export function protectionOf({ protectedModels, quota }: Account, rules: QuotaRules, now: number): Protection {
  const known = quota?.models ?? [];
  const groups = rules.enabled ? (quota?.groups ?? []) : [];
  if (protectedModels.length === 0 && groups.length === 0 && !(rules.enabled && known.length > 0)) return none;
  const ofEntry = (entry: string): readonly ModelQuota[] => known.filter((model) => answersTo(model.name, entry));
  const marked = protectedModels.filter((entry) => ofEntry(entry).length === 0 || !ofEntry(entry).every(isReset));
  const low = rules.enabled ? lowModels(known, rules).filter((name) => !ofEntry(name).every(isReset)) : [];
  const empty = emptyBuckets(groups, rules, now);
  const ofGroups = empty.flatMap(({ group }) => modelsOf(group, known, rules));
  const models = [...new Set([...marked, ...low, ...ofGroups])];
  const ends = [...models.flatMap(ofEntry), ...empty.map(({ bucket }) => bucket)].map(resetAt);
  const resets = ends.filter((at) => at > now && at < Infinity);
  return { models, until: resets.length === 0 ? null : Math.min(...resets) };

  function isReset(model: ModelQuota): boolean {
    return resetAt(model) <= now;
  }
}

/**
 * `protected_models` after a reading: the models with too little quota left. What another program marked stays where
 * these rules do not decide about it, and a group's name stays while a model of the group is low.
 */
export function protectedAfter(
  reading: readonly ModelQuota[],
  before: readonly string[],
  rules: QuotaRules,
): readonly string[] {
  const low = lowModels(reading, rules);
  const judged = reading.filter(({ name }) => isWanted(name, rules));
  const stays = before.filter(
    (entry) => low.some((name) => answersTo(name, entry)) || !judged.some(({ name }) => answersTo(name, entry)),
  );
  return [...new Set([...low, ...stays])];
}

const lowModels = (models: readonly ModelQuota[], rules: QuotaRules): string[] =>
  models
    .filter(({ name, percentage }) => percentage < rules.thresholdPercent && isWanted(name, rules))
    .map(({ name }) => name);

const isWanted = (name: string, { models }: QuotaRules): boolean =>
  models.length === 0 || models.some((entry) => answersTo(name, entry));

/** Whether an entry names this model, by its own name or its group's. */
const answersTo = (model: string, entry: string): boolean => model === entry || modelGroup(model) === entry;

/** Buckets that are empty and not reset yet; the bucket of the longest window counts as empty where little is left. */
function emptyBuckets(groups: readonly QuotaGroup[], { thresholdPercent }: QuotaRules, now: number) {
  return groups.flatMap((group) => {
    const longest = Math.max(...group.buckets.map(windowHours));
    return group.buckets
      .filter((bucket) => bucket.percentage < (windowHours(bucket) === longest ? Math.max(thresholdPercent, 1) : 1))
      .filter((bucket) => resetAt(bucket) > now)
      .map((bucket) => ({ group, bucket }));
  });
}

const HOURS: ReadonlyMap<string, number> = new Map([
  ['monthly', 720],
  ['weekly', 168],
  ['daily', 24],
]);

/** How long a bucket's window is: by its name (`weekly`, `5h`), else by its id. */
function windowHours({ window, id }: QuotaBucket): number {
  const said = window === '' ? (id.split('-').at(-1) ?? '') : window.toLowerCase();
  const [, count, unit] = /^(\d+)\s*([hd])/.exec(said) ?? [];
  return HOURS.get(said) ?? Number(count ?? 0) * (unit === 'd' ? 24 : 1);
}

/** Groups of models as `modelGroup` names them: every model of a family is in one, or is named by itself. */
const GEMINI_GROUPS = ['gemini-3-flash', 'gemini-3-pro-high', 'gemini-3.1-flash-image', 'gemini-3-pro-image'];
const OTHER_GROUPS = ['claude'];

/** The models, or groups of models, that share a group's buckets, as far as they are to be protected. */
function modelsOf(group: QuotaGroup, known: readonly ModelQuota[], rules: QuotaRules): readonly string[] {
  const words = `${group.name} ${group.buckets.map(({ id }) => id).join(' ')}`;
  const isGemini = /gemini/i.test(words);
  const named = [...known.map(({ name }) => name), ...rules.models, ...(isGemini ? GEMINI_GROUPS : OTHER_GROUPS)];
  return [...new Set(named)].filter((name) => name.startsWith('gemini') === isGemini && isWanted(name, rules));
}

/** When the model's quota is reset, ms since 1970; Infinity: not said. */
function resetAt({ resetTime }: Pick<ModelQuota, 'resetTime'>): number {
  const at = resetTime === null ? NaN : Date.parse(resetTime);
  return Number.isNaN(at) ? Infinity : at;
}
