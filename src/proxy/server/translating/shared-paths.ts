import { headerIn } from '../../http/headers.js';
import type { Protocol } from '../../protocols/protocol.js';
import { type Route, notServedHere, wrongMethod } from '../../protocols/translation/route.js';

/** Paths that several protocols have, so that only headers tell which one is meant. */
const SHARED = /^\/(?:$|api\/|v1\/(?:models|files)(?:\/|$))/;
const MODELS = '/v1/models';

export const isShared = (path: string): boolean => SHARED.test(path);

/** The protocols that share paths. */
export interface SharingProtocols<T extends Protocol> {
  readonly gemini: Protocol;
  readonly anthropic: T;
  readonly openai: T;
}

/** What of a request tells which protocol it speaks. */
export interface SharedRequest {
  readonly path: string;
  readonly rawHeaders: readonly string[];
  /** Whether its query has a key. */
  readonly hasQueryKey: boolean;
}

/**
 * The protocol of a request on a shared path: Google's if its SDK or its key shows it, else Anthropic's likewise;
 * anything else is OpenAI's.
 */
export function sharedBy<T extends Protocol>(
  { path, rawHeaders, hasQueryKey }: SharedRequest,
  { gemini, anthropic, openai }: SharingProtocols<T>,
): Protocol {
  const says = (name: string): boolean => headerIn(rawHeaders, name) !== null;
  const isGoogles = hasQueryKey || says('x-goog-api-key') || says('x-goog-api-client');
  if (isGoogles && path.startsWith('/v1/')) return gemini;
  return says('anthropic-version') ? anthropic : openai;
}

/** What a shared path is for in a translated protocol; null: nothing. */
export function sharedRoute(method: string, path: string): Route | null {
  if (!isShared(path)) return null;
  if (path !== MODELS && !path.startsWith(`${MODELS}/`)) return notServedHere(path, 'see GET / for what is');
  if (method !== 'GET' && method !== 'HEAD') return wrongMethod(path, 'GET');
  const name = path.slice(MODELS.length + 1);
  return { kind: 'models', model: name === '' ? null : name };
}
