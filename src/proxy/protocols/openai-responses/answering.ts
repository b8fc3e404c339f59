import type { JsonObject } from '../../../store/ground/json.js';
import { type AnswerEnding } from '../translation/answer/finish.js';
import type { TokenUsage } from '../translation/answer/usage.js';
import type { ToolNames } from '../translation/request/tool-names.js';
import type { TranslationContext } from '../translation/translated.js';
import type { ToolCatalog } from './tool-catalog.js';

/** What the answer to a Responses request depends on besides Google's words. */
export interface ResponsesAnswering {
  readonly context: TranslationContext;
  readonly names: ToolNames;
  readonly catalog: ToolCatalog;
  readonly thoughtsShown: boolean;
  /** The request, of which a response repeats some fields. */
  readonly asked: JsonObject;
}

/** The state of a response, with the fields that belong to it. */
export type ResponseState =
  | { readonly status: 'in_progress' }
  | { readonly status: 'completed' | 'incomplete'; readonly ending: AnswerEnding; readonly usage: TokenUsage }
  | { readonly status: 'failed'; readonly error: { readonly code: string; readonly message: string } };

/** The state of a response when Google's answer is complete. */
export const finishedState = (
  ending: AnswerEnding,
  usage: TokenUsage,
): ResponseState & { status: 'completed' | 'incomplete' } => ({
  ...{ status: ending === 'done' ? 'completed' : 'incomplete', ending, usage },
});

/** A response with the items that are complete. */
export function responseObject(
  id: string,
  state: ResponseState,
  output: readonly JsonObject[],
  { context, asked }: ResponsesAnswering,
): JsonObject {
  const finished = 'usage' in state ? state : null;
  return {
    ...{ id, object: 'response', created_at: context.now, status: state.status },
    error: state.status === 'failed' ? state.error : null,
    incomplete_details: finished === null ? null : incompleteDetails(finished.ending),
    instructions: asked.instructions ?? null,
    max_output_tokens: asked.max_output_tokens ?? null,
    ...{ model: context.model.asked, output },
    ...{ parallel_tool_calls: true, previous_response_id: null, store: false, truncation: 'disabled' },
    reasoning: { effort: null, summary: null, ...(asked.reasoning as JsonObject | null | undefined) },
    ...{ temperature: asked.temperature ?? 1, top_p: asked.top_p ?? 1 },
    text: { format: { type: 'text' }, ...(asked.text as JsonObject | null | undefined) },
    ...{ tool_choice: asked.tool_choice ?? 'auto', tools: [], metadata: asked.metadata ?? {} },
    usage: finished === null ? null : responsesUsage(finished.usage),
  };
}

const incompleteDetails = (ending: AnswerEnding): JsonObject | null => {
  if (ending === 'done') return null;
  return { reason: ending === 'too_long' ? 'max_output_tokens' : 'content_filter' };
};

const responsesUsage = ({ prompt, cached, candidates, thoughts }: TokenUsage): JsonObject => ({
  input_tokens: prompt,
  input_tokens_details: { cached_tokens: cached },
  output_tokens: candidates + thoughts,
  output_tokens_details: { reasoning_tokens: thoughts },
  total_tokens: prompt + candidates + thoughts,
});
