import type { JsonObject } from '../../../store/ground/json.js';
import type { Trouble } from '../translation/answer/trouble.js';

/** What came of a call: the answer for the client, or why there is none. */
export type SingleAnswer = { readonly body: JsonObject } | { readonly trouble: Trouble };

/** A request that Google answers in one piece, and by another method than `generateContent` perhaps. */
export interface SingleCall {
  readonly method: 'batchEmbedContents' | 'generateContent' | 'predict';
  readonly body: JsonObject;
  /** Fields that this translation does not know. */
  readonly unknown: readonly string[];
  /** Google's answer in the words of the protocol. */
  readonly answer: (told: unknown) => SingleAnswer;
}
