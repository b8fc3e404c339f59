import { listedModels } from '../../proxy/protocols/translation/models/model-list.js';
import {
  type ModelSettings,
  isNamePattern,
  servedModel,
} from '../../proxy/protocols/translation/models/model-names.js';
import { type JsonObject, isJsonObject } from '../../store/ground/json.js';

/** A name that clients may ask for. */
export interface ServedModel {
  /** A pattern with `*` among the aliases stands for any name that fits it. */
  readonly id: string;
  /** The model that an alias leads to; null for a model itself. */
  readonly aliasOf: string | null;
  /** E-mails of the accounts that can serve it. */
  readonly accounts: readonly string[];
}

/**
 * Every name that is served: the models, and the aliases, those with patterns too.
 *
 * @param list - Google's list of models, `{"models":[{"name":"models/…"}]}`
 * @param accounts - as `regrant accounts --json` lists them
 */
export function servedModels(list: unknown, accounts: readonly JsonObject[], settings: ModelSettings): ServedModel[] {
  const known = listedModels(list, { aliases: {}, hidden: settings.hidden });
  const models = known.map(({ id }) => ({ id, aliasOf: null, accounts: accountsOf(id, accounts) }));
  const aliases = Object.keys(settings.aliases).flatMap((id) => {
    const model = isNamePattern(id) ? (settings.aliases[id] ?? null) : servedModel(id, settings);
    return model === null ? [] : [{ id, aliasOf: model, accounts: accountsOf(model, accounts) }];
  });
  const aliased = new Set(aliases.map(({ id }) => id));
  return [...models.filter(({ id }) => !aliased.has(id)), ...aliases];
}

const SERVING = new Set<unknown>(['ready', 'cooling']);

/** Who can serve a model: whoever serves at all and is not known to lack it. */
function accountsOf(model: string, accounts: readonly JsonObject[]): string[] {
  return accounts.flatMap(({ state, email, quota }) => {
    const has = modelsIn(quota);
    const serves = SERVING.has(state) && (has.length === 0 || has.includes(model));
    return serves && typeof email === 'string' ? [email] : [];
  });
}

/** The models that the quota of an account was read for; Code Assist gives an account's own, the Gemini API gives none. */
export function modelsIn(quota: unknown): string[] {
  const models: unknown[] = isJsonObject(quota) && Array.isArray(quota.models) ? quota.models : [];
  return models.flatMap((model) => (isJsonObject(model) && typeof model.name === 'string' ? [model.name] : []));
}
