import type { TokensUsed } from '../../../../store/records/access-record.js';
import { isJsonObject } from '../../../../store/ground/json.js';
import type { GeminiEvent } from '../gemini/gemini.js';

/** Tokens of one answer. */
export interface TokenUsage {
  /** Cached tokens included. */
  readonly prompt: number;
  readonly cached: number;
  /** What results of Google's own tools took of the prompt; not in `prompt`. */
  readonly toolUse: number;
  /** Without thoughts. */
  readonly candidates: number;
  readonly thoughts: number;
  readonly total: number;
}

export const NO_USAGE: TokenUsage = { prompt: 0, cached: 0, toolUse: 0, candidates: 0, thoughts: 0, total: 0 };

/** What is known after `event`: counts are totals so far, and a count that an event does not repeat stays. */
export function usageAfter(before: TokenUsage, { usageMetadata: told }: GeminiEvent): TokenUsage {
  if (!isJsonObject(told)) return before;
  const prompt = count(told.promptTokenCount, before.prompt);
  const toolUse = count(told.toolUsePromptTokenCount, before.toolUse);
  const candidates = count(told.candidatesTokenCount, before.candidates);
  const thoughts = count(told.thoughtsTokenCount, before.thoughts);
  const total = count(told.totalTokenCount, before.total);
  // Written out: spreading costs more here than parsing the whole event.
  return {
    prompt,
    toolUse,
    candidates,
    thoughts,
    cached: Math.min(count(told.cachedContentTokenCount, before.cached), prompt),
    total: Math.max(total, prompt + toolUse + candidates + thoughts),
  };
}

/** The tokens as they are counted for all protocols; null: the answer said nothing. */
export const usedOf = ({ prompt, cached, toolUse, candidates, thoughts, total }: TokenUsage): TokensUsed | null =>
  total === 0 ? null : { in: prompt - cached + toolUse, cached, out: candidates, thoughts };

const count = (value: unknown, before: number): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : before;
