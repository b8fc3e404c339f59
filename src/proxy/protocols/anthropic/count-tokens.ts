import { type JsonObject, isJsonObject } from '../../../store/ground/json.js';
import type { Trouble } from '../translation/answer/trouble.js';
import type { GeminiRequest } from '../translation/gemini/gemini.js';

/** The body of Gemini's `countTokens` for a whole request, tools and system instruction too. */
export const countTokensBody = (request: GeminiRequest, model: string): JsonObject => ({
  generateContentRequest: { model: `models/${model}`, ...request },
});

/** The result of `countTokens` in the form of the Messages API; null where it is none. */
export function countedTokens(answer: unknown): JsonObject | null {
  const plain = isJsonObject(answer) && isJsonObject(answer.response) ? answer.response : answer;
  const total = isJsonObject(plain) ? plain.totalTokens : undefined;
  return typeof total === 'number' && Number.isInteger(total) ? { input_tokens: total } : null;
}

/**
 * The trouble where counting fails. Clients make an estimate if they are told that counting is not available; of any
 * other trouble they make one of the conversation. What is wrong with the request itself stays as it is.
 */
export const countTrouble = (trouble: Trouble): Trouble =>
  ITS_OWN.has(trouble.kind)
    ? trouble
    : { kind: 'not_found', status: 404, message: `tokens cannot be counted now: ${trouble.message}` };

const ITS_OWN: ReadonlySet<Trouble['kind']> = new Set([
  'bad_request',
  'unauthorized',
  'forbidden',
  'no_model',
  'too_large',
]);
