import type { GeminiEvent, GeminiRequest } from './gemini/gemini.js';
import type { AnsweringModel } from './models/answering-model.js';
import type { SignatureMemory } from './request/signatures.js';
import type { Trouble } from './answer/trouble.js';

/** Everything besides the client's own words that a translation depends on. */
export interface TranslationContext {
  /** The model that will answer: what it can do, and what form it needs. */
  readonly model: AnsweringModel;
  /** Signatures of calls that were given out, for clients that lose them. */
  readonly signatures: SignatureMemory;
  /** `protocols.searchBesideTools`: what happens to a web search that a client declares beside functions. */
  readonly searchBesideTools: 'refuse' | 'drop';
  /** A new unique id of 18 hex digits. */
  readonly newId: () => string;
  /** Unix seconds. */
  readonly now: number;
}

/** A request of a protocol, translated for Gemini. */
export interface TranslatedRequest {
  readonly body: GeminiRequest;
  /** Whether the client wants the answer as a stream of events. */
  readonly stream: boolean;
  /** Whether thoughts are shown to the client. */
  readonly thoughtsShown: boolean;
  /** Fields that this translation does not know. */
  readonly unknown: readonly string[];
  /** Makes a writer that translates one answer. */
  readonly writer: () => AnswerWriter;
  readonly whole: (answer: GeminiEvent) => Record<string, unknown>;
}

/**
 * Writes one stream of Gemini's as a protocol's events. Each call returns the text to send, which depends only on the
 * calls before it. `failed` may be the first call; after it, or after `end`, there is none.
 */
export interface AnswerWriter {
  event(event: GeminiEvent): string;
  /** Google's stream has ended regularly. */
  end(): string;
  /** The stream cannot go on. */
  failed(trouble: Trouble): string;
  /** A text that keeps a silent connection alive; may be called before the first event. */
  ping(): string;
}
