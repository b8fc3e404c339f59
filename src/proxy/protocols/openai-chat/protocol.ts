import type { JsonObject } from '../../../store/ground/json.js';
import {
  type TranslatedCall,
  type Route,
  type TranslatedProtocol,
  notServedHere,
  wrongMethod,
} from '../translation/route.js';
import type { TranslatedRequest, TranslationContext } from '../translation/translated.js';
import { completionRequest } from './completions.js';
import { embeddingsRequest } from './embeddings.js';
import { openAiError } from './answer/errors.js';
import { imagesRequest } from './images.js';
import { chatRequest } from './request/chat-request.js';

type Translate = (body: JsonObject, context: TranslationContext) => TranslatedCall;

/** A call that `generateContent` answers, made from a translated request. */
export const answeredBy =
  (translated: (body: JsonObject, context: TranslationContext) => TranslatedRequest): Translate =>
  (body, context) => {
    const { body: request, stream, thoughtsShown, unknown, writer, whole } = translated(body, context);
    const answer = stream
      ? ({ kind: 'stream', thoughtsShown, writer } as const)
      : ({ kind: 'whole', thoughtsShown, whole } as const);
    return { call: 'generateContent', body: request, unknown, answer };
  };

/**
 * How OpenAI's paths begin: its own, and those of Google's endpoint for OpenAI's clients, which accepts no OAuth
 * tokens.
 */
const ROOT = /^\/(?:v1|v1beta\/openai)(?=\/)/;
const GOOGLES_ROOT = '/v1beta/openai/';

/** The path within OpenAI's API, `/chat/completions`; null: it is none. */
export function openAiPath(path: string): string | null {
  const [root] = ROOT.exec(path) ?? [];
  return root === undefined ? null : path.slice(root.length);
}

const CALLS: ReadonlyMap<string, Translate> = new Map([
  ['/chat/completions', answeredBy(chatRequest)],
  ['/completions', answeredBy(completionRequest)],
  ['/embeddings', embeddingsRequest],
  ['/images/generations', imagesRequest],
]);

/** OpenAI's other paths: they store things for clients, or do what no Gemini model does. */
const ELSEWHERE =
  /^\/(?:chat\/completions|images|audio|moderations|batches|uploads|fine_tuning|assistants|threads|vector_stores|realtime|conversations|evals|containers|videos)(?:\/|$)/;
const INSTEAD = `ask ${[...CALLS.keys(), '/responses', '/models'].map((path) => `/v1${path}`).join(', ')}`;

/** OpenAI's Chat Completions, with the older completions, embeddings and images. */
export const openAiChat: TranslatedProtocol = {
  name: 'openai-chat',
  setting: 'openai',
  requestIdHeader: 'x-request-id',
  routes: [...CALLS.keys(), '/models'].map((path) => `/v1${path}`),
  route(method, path) {
    const asked = openAiPath(path);
    if (asked === null) return null;
    const translate = CALLS.get(asked);
    if (translate !== undefined) return method === 'POST' ? { kind: 'call', translate } : wrongMethod(path, 'POST');
    if (path.startsWith(GOOGLES_ROOT)) return ofGooglesRoot(method, path, asked);
    return ELSEWHERE.test(asked) ? notServedHere(path, INSTEAD) : null;
  },
  error: openAiError,
};

/**
 * The route of a path below Google's root for OpenAI's clients, which has nothing but OpenAI's API. Responses have a
 * protocol of their own.
 */
function ofGooglesRoot(method: string, path: string, asked: string): Route | null {
  if (asked === '/responses' || asked.startsWith('/responses/')) return null;
  const models = /^\/models(?:\/(?<model>.+))?$/.exec(asked);
  if (models === null) return notServedHere(path, INSTEAD);
  return method === 'GET' ? { kind: 'models', model: models.groups?.model ?? null } : wrongMethod(path, 'GET');
}
