import type { Account, Quota } from '../../store/accounts/account.js';
import type { Settings } from '../../store/settings/settings.js';
import { modelGroup } from './model-group.js';

/** Which models are kept, and from which percentage on. */
export type QuotaRules = Settings['quotaProtection'];

type ModelQuota = Quota['models'][number];

/** The models that an account keeps its last quota of. */
export interface Protection {
  /** Models, or groups of them as other programs write them. */
  readonly models: readonly string[];
  /** When a reset may release some of them, ms since 1970; null: only a new reading does. */
  readonly until: number | null;
}

const none: Protection = { models: [], until: null };

/**
 * What is kept by an account's file as it is at `now` (ms since 1970): `protected_models`, whoever wrote them, and what
 * the file's own quota says is nearly used up. What was to be reset by now is released.
 */
export function protectionOf({ protectedModels, quota }: Account, rules: QuotaRules, now: number): Protection {
  const known = quota?.models ?? [];
  if (protectedModels.length === 0 && !(rules.enabled && known.length > 0)) return none;
  const ofEntry = (entry: string): readonly ModelQuota[] => known.filter((model) => answersTo(model.name, entry));
  const marked = protectedModels.filter((entry) => ofEntry(entry).length === 0 || !ofEntry(entry).every(isReset));
  const low = rules.enabled ? lowModels(known, rules).filter((name) => !ofEntry(name).every(isReset)) : [];
  const models = [...new Set([...marked, ...low])];
  const resets = models.flatMap((entry) => ofEntry(entry).map(resetAt)).filter((at) => at > now && at < Infinity);
  return { models, until: resets.length === 0 ? null : Math.min(...resets) };

  function isReset(model: ModelQuota): boolean {
    return resetAt(model) <= now;
  }
}

/**
 * `protected_models` after a reading: the models of which too little is left. What another program marked stays where
 * these rules have no say about it, and its name for a group while one of the group is low.
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

/** Whether a model goes by this name, its own or its group's. */
const answersTo = (model: string, entry: string): boolean => model === entry || modelGroup(model) === entry;

/** ms since 1970; Infinity: not said. */
function resetAt({ resetTime }: ModelQuota): number {
  const at = resetTime === null ? NaN : Date.parse(resetTime);
  return Number.isNaN(at) ? Infinity : at;
}
