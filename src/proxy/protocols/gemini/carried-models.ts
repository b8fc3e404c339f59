import type { Places } from '../../http/replaced-strings.js';
import { plainPath } from '../../subject/path-model.js';
import { ownValue } from '../../../store/ground/json.js';
import { pathOf } from './resource-names.js';
import type { ClientRequest } from '../client-request.js';

/** Where a request's body names models. */
export interface CarriedModels {
  readonly places: Places;
  /** Whether the answer names them too. */
  readonly isEchoed: boolean;
}

const inBatch: Places = {
  model: 'here',
  inputConfig: {
    requests: { '[]': { request: { model: 'here' } }, requests: { '[]': { request: { model: 'here' } } } },
  },
};
const plainly: CarriedModels = { places: { model: 'here' }, isEchoed: false };
const batches: CarriedModels = { places: { model: 'here', batch: inBatch }, isEchoed: true };

/** Calls of a model whose bodies name it once more, or name others. */
const byCall: Readonly<Partial<Record<string, CarriedModels>>> = {
  countTokens: { places: { model: 'here', generateContentRequest: { model: 'here' } }, isEchoed: false },
  embedContent: plainly,
  batchEmbedContents: { places: { model: 'here', requests: { '[]': { model: 'here' } } }, isEchoed: false },
  batchGenerateContent: batches,
  asyncBatchEmbedContent: batches,
};

const interaction: Places = { model: 'here', agentConfig: { model: 'here' } };
const byCollection: Readonly<Partial<Record<string, CarriedModels>>> = {
  cachedContents: { ...plainly, isEchoed: true },
  batches,
  interactions: { places: interaction, isEchoed: true },
  triggers: { places: { interaction }, isEchoed: true },
  agents: { places: { agentConfig: { model: 'here' } }, isEchoed: true },
  voices: { places: { model: 'here', voice: { model: 'here' } }, isEchoed: true },
  fileSearchStores: { places: { embeddingModel: 'here' }, isEchoed: true },
  tunedModels: {
    places: { baseModel: 'here', tunedModelSource: { baseModel: 'here', tunedModel: 'here' } },
    isEchoed: true,
  },
  auth_tokens: {
    places: { bidiGenerateContentSetup: { model: 'here', setup: { model: 'here' } }, model: 'here' },
    isEchoed: false,
  },
};
const COLLECTION = /^\/v\d[^/]*\/(\w+)(?:\/|$)/;

/** A call of Code Assist itself. */
const OWN_CALL = /^\/v\d+internal:/;
const ownCall: CarriedModels = { places: { model: 'here', request: { model: 'here' } }, isEchoed: false };

/** Where the body of a Gemini API request names models; null: it names none that its path does not. */
export function carriedModels({ method, target, model, call }: ClientRequest): CarriedModels | null {
  if (method === 'GET' || method === 'DELETE') return null;
  if (call !== '') return ownValue(byCall, call) ?? null;
  if (model !== '') return null;
  const path = plainPath(pathOf(target));
  if (OWN_CALL.test(path)) return ownCall;
  return ownValue(byCollection, COLLECTION.exec(path)?.[1] ?? '') ?? null;
}

/** Any other call of a model: its body may name it once more. */
export const namedOnceMore = plainly;

/** The first message of a Live session. */
export const sessionModels: CarriedModels = { places: { setup: { model: 'here' } }, isEchoed: false };

/** Where answers name models, a whole one or an event of a stream. */
export const placesInAnswer: Places = {
  ...{ model: 'here', baseModel: 'here', embeddingModel: 'here' },
  ...{ agentConfig: { model: 'here' }, metadata: { model: 'here' }, response: { model: 'here', baseModel: 'here' } },
  ...{ interaction },
};
