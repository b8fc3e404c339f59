import type { AnswerEnding } from '../../translation/answer/finish.js';
import type { ToolNames } from '../../translation/request/tool-names.js';
import type { TranslationContext } from '../../translation/translated.js';

/** What the answer to a Chat Completions request depends on besides Google's words. */
export interface ChatAnswering {
  readonly context: TranslationContext;
  readonly names: ToolNames;
  readonly thoughtsShown: boolean;
  /** Whether Google was to search, so that the answer may cite pages. */
  readonly searches: boolean;
  /** Whether the client wants a chunk with `usage` at the end of its stream. */
  readonly usageShown: boolean;
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

const REASONS: Readonly<Record<AnswerEnding, FinishReason>> = {
  done: 'stop',
  too_long: 'length',
  refused: 'content_filter',
};

/** `finish_reason`: a call counts before anything else. */
export const finishReason = (ending: AnswerEnding, calls: number): FinishReason =>
  calls > 0 ? 'tool_calls' : REASONS[ending];
