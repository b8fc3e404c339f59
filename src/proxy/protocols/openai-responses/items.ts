import type { JsonObject } from '../../../store/ground/json.js';
import type { Citation } from '../translation/answer/grounding.js';
import type { SaidCall } from '../openai-chat/answer/said-call.js';
import type { GeminiAnswerPart } from '../translation/gemini/gemini.js';
import { type CataloguedTool, rawInput } from './tool-catalog.js';

/** The one part of a message. */
export const textPart = (text: string, annotations: readonly JsonObject[] = []): JsonObject => ({
  ...{ type: 'output_text', text, annotations },
});

export const summaryPart = (text: string): JsonObject => ({ type: 'summary_text', text });

/** A message of the model. */
export const messageItem = (id: string, status: 'completed' | 'incomplete', part: JsonObject): JsonObject => ({
  ...{ id, type: 'message', status, role: 'assistant', content: [part] },
});

/** The model's thoughts. */
export const reasoningItem = (id: string, text: string): JsonObject => ({
  ...{ id, type: 'reasoning', summary: [summaryPart(text)], encrypted_content: null },
});

/** A call in the form that its tool was declared in. */
export function callItem(tool: CataloguedTool, { id, args }: SaidCall, newId: () => string): JsonObject {
  const about = { status: 'completed', call_id: id };
  const named = { name: tool.name, ...(tool.namespace !== null && { namespace: tool.namespace }) };
  switch (tool.type) {
    case 'custom':
      return { id: `ctc_${newId()}`, type: 'custom_tool_call', ...about, ...named, input: rawInput(args) };
    case 'tool_search':
      return { id: `ts_${newId()}`, type: 'tool_search_call', ...about, execution: 'client', arguments: args };
    case 'function':
      return { id: `fc_${newId()}`, type: 'function_call', ...about, ...named, arguments: JSON.stringify(args) };
  }
}

/** An image that the model drew. */
export const imageItem = (id: string, { data }: NonNullable<GeminiAnswerPart['inlineData']>): JsonObject => ({
  ...{ id, type: 'image_generation_call', status: 'completed', result: data ?? '' },
});

/** Google's search. */
export const searchItem = (id: string, queries: readonly string[]): JsonObject => ({
  ...{ id, type: 'web_search_call', status: 'completed' },
  action: { type: 'search', query: queries[0] ?? '', queries },
});

export const annotationOf = ({ start, end, url, title }: Citation): JsonObject => ({
  ...{ type: 'url_citation', start_index: start, end_index: end, url, title },
});
