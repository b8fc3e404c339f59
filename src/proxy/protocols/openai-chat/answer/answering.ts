import type { AnswerEnding } from '../../translation/answer/finish.js';
import type { ToolNames } from '../../translation/request/tool-names.js';
import type { TranslationContext } from '../../translation/translated.js';

/** What the answer to a request of Chat Completions depends on besides Google's words. */
export interface ChatAnswering {
  readonly context: TranslationContext;
  readonly names: ToolNames;
  readonly thoughtsShown: boolean;
  /** Google was to search, so the answer may rest on pages. */
  readonly searches: boolean;
  /** The client wants a chunk with `usage` at the end of its stream. */
  readonly usageShown: boolean;
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

const REASONS: Readonly<Record<AnswerEnding, FinishReason>> = {
  done: 'stop',
  too_long: 'length',
  refused: 'content_filter',
};

/** `finish_reason`: a call is one, whatever else there was. */
export const finishReason = (ending: AnswerEnding, calls: number): FinishReason =>
  calls > 0 ? 'tool_calls' : REASONS[ending];
