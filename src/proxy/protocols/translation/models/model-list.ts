import { type JsonObject, isJsonObject } from '../../../../store/ground/json.js';
import { type ModelSettings, isHidden, isNamePattern, servedModel, withoutPrefix } from './model-names.js';

const PATH = 'models/';

/** A model as Google lists it, or an alias of one. */
export interface ListedModel {
  /** Without `models/`. */
  readonly id: string;
  readonly displayName: string;
  /** The model that an alias stands for; null for a model itself. */
  readonly aliasOf: string | null;
  /** Google's own entry; for an alias its model's, with the alias as name. */
  readonly entry: JsonObject;
}

/**
 * The models that are served of Google's list (`{"models":[{"name":"models/…"}]}`): hidden ones are left out, and each
 * exact alias is added.
 */
export function listedModels(list: unknown, settings: ModelSettings): ListedModel[] {
  const entries = isJsonObject(list) && Array.isArray(list.models) ? list.models.filter(isJsonObject) : [];
  const byId = new Map<string, ListedModel>();
  const originals = new Map<string, JsonObject>();
  for (const entry of entries) {
    if (typeof entry.name !== 'string') continue;
    const id = withoutPrefix(entry.name);
    originals.set(id, entry);
    const displayName = typeof entry.displayName === 'string' && entry.displayName !== '' ? entry.displayName : id;
    if (!isHidden(id, settings)) byId.set(id, { id, displayName, aliasOf: null, entry });
  }
  for (const alias of Object.keys(settings.aliases)) {
    if (isNamePattern(alias)) continue;
    const model = servedModel(alias, settings);
    const id = withoutPrefix(alias);
    if (model === null) continue;
    const entry = { ...originals.get(model), name: PATH + id, displayName: id };
    byId.set(id, { id, displayName: id, aliasOf: model, entry });
  }
  return [...byId.values()];
}

/** Google's list, reduced to what is served. */
export const geminiModelList = (list: JsonObject, settings: ModelSettings): JsonObject => ({
  ...list,
  models: listedModels(list, settings).map(({ entry }) => entry),
});

/**
 * A model in a form that the SDKs of Anthropic and of OpenAI both read. Google does not say how old a model is, so all
 * have the date 0.
 */
export const sharedModel = ({ id, displayName, aliasOf }: ListedModel): JsonObject => ({
  ...{ id, object: 'model', type: 'model', display_name: displayName },
  ...{ created: 0, created_at: '1970-01-01T00:00:00Z' },
  owned_by: (aliasOf ?? id).startsWith('claude') ? 'anthropic' : 'google',
});

/** The list that both SDKs read. */
export const sharedModelList = (models: readonly ListedModel[]): JsonObject => ({
  object: 'list',
  data: models.map(sharedModel),
  has_more: false,
  first_id: models[0]?.id ?? null,
  last_id: models.at(-1)?.id ?? null,
});
