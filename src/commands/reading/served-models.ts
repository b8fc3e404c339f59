import { listedModels } from '../../proxy/protocols/translation/models/model-list.js';
import {
  type ModelSettings,
  isNamePattern,
  servedModel,
} from '../../proxy/protocols/translation/models/model-names.js';
import { type JsonObject, isJsonObject } from '../../store/ground/json.js';
import { ownValue } from '../../store/ground/json.js';

/** A name that clients can ask for. */
export interface ServedModel {
  /** The name; for an alias that is a pattern with `*`, the pattern. */
  readonly id: string;
  /** The model that an alias stands for; null for a model itself. */
  readonly aliasOf: string | null;
  /** E-mails of the accounts that can serve it. */
  readonly accounts: readonly string[];
}

/**
 * Every name that is served: the models, and the aliases, also those that are patterns.
 *
 * @param list - Google's list of models, `{"models":[{"name":"models/…"}]}`
 * @param accounts - as `regrant accounts --json` lists them
 */
export function servedModels(list: unknown, accounts: readonly JsonObject[], settings: ModelSettings): ServedModel[] {
  const known = listedModels(list, { aliases: {}, hidden: settings.hidden });
  const models = known.map(({ id }) => ({ id, aliasOf: null, accounts: accountsOf(id, accounts) }));
  const aliases = Object.keys(settings.aliases).flatMap((id) => {
    const model = isNamePattern(id) ? (ownValue(settings.aliases, id) ?? null) : servedModel(id, settings);
    return model === null ? [] : [{ id, aliasOf: model, accounts: accountsOf(model, accounts) }];
  });
  const aliased = new Set(aliases.map(({ id }) => id));
  return [...models.filter(({ id }) => !aliased.has(id)), ...aliases];
}

const SERVING = new Set<unknown>(['ready', 'cooling']);

/** The accounts that can serve a model: those that serve at all, and are not known to lack it. */
function accountsOf(model: string, accounts: readonly JsonObject[]): string[] {
  return accounts.flatMap(({ state, email, quota }) => {
    const has = modelsIn(quota);
    const serves = SERVING.has(state) && (has.length === 0 || has.includes(model));
    return serves && typeof email === 'string' ? [email] : [];
  });
}

/** The models whose quota was read for an account; Code Assist gives an account's own, the Gemini API gives none. */
export function modelsIn(quota: unknown): string[] {
  const models: unknown[] = isJsonObject(quota) && Array.isArray(quota.models) ? quota.models : [];
  return models.flatMap((model) => (isJsonObject(model) && typeof model.name === 'string' ? [model.name] : []));
}
