import type { JsonObject } from '../../../../store/ground/json.js';
import type { TokenUsage } from '../../translation/answer/usage.js';

/** `usage` of Chat Completions and the older completions. */
export const chatUsage = ({ prompt, cached, candidates, thoughts }: TokenUsage): JsonObject => ({
  prompt_tokens: prompt,
  completion_tokens: candidates + thoughts,
  total_tokens: prompt + candidates + thoughts,
  prompt_tokens_details: { cached_tokens: cached },
  completion_tokens_details: { reasoning_tokens: thoughts },
});
