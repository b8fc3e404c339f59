import type { OwnError } from '../../http/own-answer.js';
import type { ClientRequest } from '../../protocols/client-request.js';
import { type ModelSettings, servedModel } from '../../protocols/translation/models/model-names.js';

/** A path of the Gemini API up to its model, and the call after it. */
const PATH = /^(\/v[^/]+\/)(?:models|tunedModels)\/[^/?]+?((?::|%3A)[^/:?]*)?(\?.*)?$/i;

/**
 * A Gemini API request for the model that the settings put in place of the client's name; the same object where that
 * changes nothing.
 *
 * @returns null for a model that is hidden
 */
export function renamed(request: ClientRequest, settings: ModelSettings): ClientRequest | null {
  const model = servedModel(request.model, settings);
  if (model === null || model === request.model) return model === null ? null : request;
  const [, root, call = '', query = ''] = PATH.exec(request.target) ?? [];
  if (root === undefined) return request;
  const [, collection = 'models', id = model] = /^(tunedModels)\/(.+)$/s.exec(model) ?? [];
  return { ...request, model, target: `${root}${collection}/${encodeURIComponent(id)}${call}${query}` };
}

/** The error for a model that is hidden. @param model - as the client names it */
export const hiddenModel = (model: string): OwnError => ({
  status: 404,
  message: `models/${model} is not served here (models.hidden): ask for one of GET /v1beta/models, or map the name in the setting models.aliases`,
});
