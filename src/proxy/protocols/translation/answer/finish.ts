import { isJsonObject } from '../../../../store/ground/json.js';
import type { GeminiEvent } from '../gemini/gemini.js';
import { candidatesOf } from './events.js';

/** Why an answer ended, as far as the protocols have words for it. */
export type AnswerEnding = 'done' | 'too_long' | 'refused';

const REFUSALS = new Set(['SAFETY', 'RECITATION', 'PROHIBITED_CONTENT', 'BLOCKLIST', 'SPII', 'LANGUAGE']);
const MALFORMED = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL']);

/** @param reason - `finishReason` of a candidate; undefined where a stream ended without one */
export function endingOf(reason: string | undefined): AnswerEnding {
  if (reason === 'MAX_TOKENS') return 'too_long';
  return reason !== undefined && REFUSALS.has(reason) ? 'refused' : 'done';
}

/** Whether the prompt itself was refused, so that there are no candidates. */
export const isBlocked = ({ promptFeedback }: GeminiEvent): boolean =>
  isJsonObject(promptFeedback) && typeof promptFeedback.blockReason === 'string';

/** Whether the model tried to call a function and wrote the call wrongly. */
export const isMalformed = (reason: string | undefined): boolean => reason !== undefined && MALFORMED.has(reason);

/** The first reason that an event gives for an end. */
export const finishReasonOf = (event: GeminiEvent): string | undefined =>
  candidatesOf(event).find(({ finishReason }) => typeof finishReason === 'string')?.finishReason;
