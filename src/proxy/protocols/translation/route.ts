import type { JsonObject } from '../../../store/ground/json.js';
import type { ErrorAnswer, Trouble } from './answer/trouble.js';
import type { AnswerWriter, TranslationContext } from './translated.js';
import type { GeminiEvent } from './gemini/gemini.js';

/** A call of Gemini's that a client's request comes to. */
export interface TranslatedCall {
  readonly call: 'generateContent' | 'countTokens' | 'batchEmbedContents' | 'predict';
  readonly body: object;
  /** Fields of the request that the translation does not know. */
  readonly unknown: readonly string[];
  readonly answer: TranslatedAnswer;
  /** What a trouble with this call is to the client, where it is another than elsewhere. */
  readonly troubleOf?: (trouble: Trouble) => Trouble;
}

/** How what Gemini answers is said to the client. */
export type TranslatedAnswer =
  /** As a stream of events, each attempt with a writer of its own. */
  | { readonly kind: 'stream'; readonly thoughtsShown: boolean; readonly writer: () => AnswerWriter }
  /** In one piece; an answer without substance is asked for once more. */
  | { readonly kind: 'whole'; readonly thoughtsShown: boolean; readonly whole: (answer: GeminiEvent) => JsonObject }
  /** In one piece, made of anything; null: what was asked for is not in it, which is `otherwise` or the upstream's fault. */
  | {
      readonly kind: 'made';
      readonly made: (answer: unknown) => JsonObject | null;
      readonly otherwise?: Trouble;
    };

/** What a path of a translated protocol is for. */
export type Route =
  /** @throws {BadRequest} in `translate` */
  | { readonly kind: 'call'; readonly translate: (body: JsonObject, context: TranslationContext) => TranslatedCall }
  /** The models, or the one with this name. */
  | { readonly kind: 'models'; readonly model: string | null }
  /** Nothing is asked for: the path is known, and not to be had. */
  | { readonly kind: 'refused'; readonly trouble: Trouble };

/** One protocol that is said in Gemini's words and back; nothing in it knows accounts. */
export interface TranslatedProtocol {
  /** As log, usage and metrics name it. */
  readonly name: 'anthropic' | 'openai-chat' | 'openai-responses';
  /** As `protocols.enabled` names it. */
  readonly setting: 'anthropic' | 'openai';
  /** The paths that it serves, for a human. */
  readonly routes: readonly string[];
  /** What a path is for; null: the path belongs to another protocol. */
  route(method: string, path: string): Route | null;
  /** @param requestId - as the answer's headers name it */
  error(trouble: Trouble, requestId: string): ErrorAnswer;
  /** The name of the header that clients of this protocol read a request's id from. */
  readonly requestIdHeader: string;
}

/** What comes of a path whose method is another. */
export const wrongMethod = (path: string, allowed: string): Route => ({
  kind: 'refused',
  trouble: { kind: 'bad_request', status: 405, message: `${path} takes ${allowed} only` },
});

/** What comes of a path that cannot be served by Gemini. */
export const notServedHere = (path: string, instead: string): Route => ({
  kind: 'refused',
  trouble: { kind: 'not_found', status: 404, message: `${path} is not served here: ${instead}` },
});
