import { decoded } from '../../http/request-target.js';
import type { ModelCall } from '../protocol.js';

export const NO_MODEL: ModelCall = { model: '', call: '' };

const MODEL_PATH = /^\/v[^/]+\/(models|tunedModels)\/([^/]+)$/;

/** The model that a path of the Gemini API names: `/v1beta/models/{model}:{call}`, v1 and tuned models alike. */
export function modelCallOf(path: string): ModelCall {
  const [, collection, segment] = MODEL_PATH.exec(path) ?? [];
  if (segment === undefined) return NO_MODEL;
  const name = decoded(segment);
  const colon = name.lastIndexOf(':');
  const model = colon < 0 ? name : name.slice(0, colon);
  return {
    model: collection === 'models' || model === '' ? model : `tunedModels/${model}`,
    call: colon < 0 ? '' : name.slice(colon + 1),
  };
}
