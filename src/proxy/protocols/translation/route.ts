import type { JsonObject } from '../../../store/ground/json.js';
import type { ErrorAnswer, Trouble } from './answer/trouble.js';
import type { AnswerWriter, TranslationContext } from './translated.js';
import type { GeminiEvent } from './gemini/gemini.js';

/** The call of Gemini's that a client's request becomes. */
export interface TranslatedCall {
  readonly call: 'generateContent' | 'countTokens' | 'batchEmbedContents' | 'predict';
  readonly body: object;
  /** Fields of the request that the translation does not know. */
  readonly unknown: readonly string[];
  readonly answer: TranslatedAnswer;
  /** Changes a trouble with this call for the client, if it differs from other calls. */
  readonly troubleOf?: (trouble: Trouble) => Trouble;
}

/** How Gemini's answer is translated for the client. */
export type TranslatedAnswer =
  /** As a stream of events; each attempt has a writer of its own. */
  | { readonly kind: 'stream'; readonly thoughtsShown: boolean; readonly writer: () => AnswerWriter }
  /** In one piece; an empty answer is asked for once more. */
  | { readonly kind: 'whole'; readonly thoughtsShown: boolean; readonly whole: (answer: GeminiEvent) => JsonObject }
  /**
   * In one piece, made from any answer; null: the answer does not have what was asked for, which is `otherwise` or the
   * upstream's fault.
   */
  | {
      readonly kind: 'made';
      readonly made: (answer: unknown) => JsonObject | null;
      readonly otherwise?: Trouble;
    };

/** What a path of a translated protocol is for. */
export type Route =
  /** @throws {BadRequest} in `translate` */
  | { readonly kind: 'call'; readonly translate: (body: JsonObject, context: TranslationContext) => TranslatedCall }
  /** The list of models, or the one with this name. */
  | { readonly kind: 'models'; readonly model: string | null }
  /** The path is known, but not available; no account is asked. */
  | { readonly kind: 'refused'; readonly trouble: Trouble };

/** One protocol that is translated for Gemini and back; it knows nothing of accounts. */
export interface TranslatedProtocol {
  /** Its name in the log, in usage and in metrics. */
  readonly name: 'anthropic' | 'openai-chat' | 'openai-responses';
  /** Its name in `protocols.enabled`. */
  readonly setting: 'anthropic' | 'openai';
  /** The paths that it serves, for a human. */
  readonly routes: readonly string[];
  /** What a path is for; null: the path belongs to another protocol. */
  route(method: string, path: string): Route | null;
  /** @param requestId - as in the answer's headers */
  error(trouble: Trouble, requestId: string): ErrorAnswer;
  /** Name of the header from which clients of this protocol read a request's id. */
  readonly requestIdHeader: string;
}

/** The route of a path that has another method. */
export const wrongMethod = (path: string, allowed: string): Route => ({
  kind: 'refused',
  trouble: { kind: 'bad_request', status: 405, message: `${path} takes ${allowed} only` },
});

/** The route of a path that Gemini cannot serve. */
export const notServedHere = (path: string, instead: string): Route => ({
  kind: 'refused',
  trouble: { kind: 'not_found', status: 404, message: `${path} is not served here: ${instead}` },
});
