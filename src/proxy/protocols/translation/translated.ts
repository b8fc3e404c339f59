import type { GeminiEvent, GeminiRequest } from './gemini/gemini.js';
import type { AnsweringModel } from './models/answering-model.js';
import type { SignatureMemory } from './request/signatures.js';
import type { Trouble } from './answer/trouble.js';

/** Everything besides the client's own words that a translation depends on. */
export interface TranslationContext {
  /** Which model will answer, what it can and what it wants. */
  readonly model: AnsweringModel;
  /** Signatures of calls that were given out, for clients that lose them. */
  readonly signatures: SignatureMemory;
  /** `protocols.searchBesideTools`: what becomes of a web search that a client declares beside functions. */
  readonly searchBesideTools: 'refuse' | 'drop';
  /** 18 hex digits that nothing else is called. */
  readonly newId: () => string;
  /** Unix seconds. */
  readonly now: number;
}

/** A request to a protocol, said to Gemini. */
export interface TranslatedRequest {
  readonly body: GeminiRequest;
  /** The client wants the answer as a stream of events. */
  readonly stream: boolean;
  /** Thoughts are shown to the client. */
  readonly thoughtsShown: boolean;
  /** Fields that this translation does not know. */
  readonly unknown: readonly string[];
  /** What is Google's to say is said in the protocol by these; made for one answer each. */
  readonly writer: () => AnswerWriter;
  readonly whole: (answer: GeminiEvent) => Record<string, unknown>;
}

/**
 * Says one stream of Gemini in a protocol's events. Each call gives the text to send; it depends only on the calls before
 * it. `failed` may come first of all, and after it, or after `end`, nothing is called any more.
 */
export interface AnswerWriter {
  event(event: GeminiEvent): string;
  /** Google's stream has ended as it should. */
  end(): string;
  /** The stream cannot go on. */
  failed(trouble: Trouble): string;
  /** Keeps a silent connection alive; it may come before the first event. */
  ping(): string;
}
