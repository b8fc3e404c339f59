import { type JsonObject, isJsonObject } from '../../../store/ground/json.js';
import type { GeminiRequest } from '../translation/gemini.js';

/** The body of Gemini's `countTokens` for a whole request, tools and system instruction too. */
export const countTokensBody = (request: GeminiRequest, model: string): JsonObject => ({
  generateContentRequest: { model: `models/${model}`, ...request },
});

/** What `countTokens` has counted, as the Messages API says it; null where it has not. */
export function countedTokens(answer: unknown): JsonObject | null {
  const plain = isJsonObject(answer) && isJsonObject(answer.response) ? answer.response : answer;
  const total = isJsonObject(plain) ? plain.totalTokens : undefined;
  return typeof total === 'number' && Number.isInteger(total) ? { input_tokens: total } : null;
}
