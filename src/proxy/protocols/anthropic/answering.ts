import { type AnswerEnding, endingOf } from '../translation/answer/finish.js';
import type { Grounding } from '../translation/answer/grounding.js';
import type { TokenUsage } from '../translation/answer/usage.js';
import type { ToolNames } from '../translation/request/tool-names.js';
import type { TranslationContext } from '../translation/translated.js';

/** What an answer needs to know of its request. */
export interface Answering {
  readonly names: ToolNames;
  readonly context: TranslationContext;
  readonly thoughtsShown: boolean;
}

const STOP_REASONS: Readonly<Record<AnswerEnding, string>> = {
  done: 'end_turn',
  too_long: 'max_tokens',
  refused: 'refusal',
};

/** How an answer came to its end. */
export interface Ended {
  readonly called: boolean;
  readonly blocked: boolean;
  readonly reason: string | undefined;
}

/** The stop reason. A call counts before anything else that ended the answer, since the client has to answer it. */
export const stopReason = ({ called, blocked, reason }: Ended): string =>
  called ? 'tool_use' : STOP_REASONS[blocked ? 'refused' : endingOf(reason)];

/** The usage of a message. Anthropic counts cached tokens beside the input, and thoughts as output. */
export const messageUsage = (usage: TokenUsage, { queries }: Grounding): Record<string, unknown> => ({
  input_tokens: usage.prompt - usage.cached,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: usage.cached,
  output_tokens: usage.candidates + usage.thoughts,
  ...(queries.length > 0 && { server_tool_use: { web_search_requests: queries.length } }),
});

/** A search of Google's, in the form of a search by Anthropic. */
export interface ToldSearch {
  readonly use: { readonly type: 'server_tool_use'; readonly id: string; readonly name: 'web_search' };
  readonly input: { readonly query: string };
  readonly result: Readonly<Record<string, unknown>>;
}

/** The searches of an answer. Google does not say which search found what, so the first one gets all results. */
export function searchesOf({ queries, sources }: Grounding, { newId }: TranslationContext): ToldSearch[] {
  const asked = queries.length === 0 && sources.length > 0 ? [''] : queries;
  return asked.map((query, at) => {
    const id = `srvtoolu_${newId()}`;
    const found = at > 0 ? [] : sources;
    return {
      use: { type: 'server_tool_use', id, name: 'web_search' },
      input: { query },
      result: {
        ...{ type: 'web_search_tool_result', tool_use_id: id },
        content: found.map(({ url, title }) => ({
          ...{ type: 'web_search_result', url, title, encrypted_content: '', page_age: null },
        })),
      },
    };
  });
}

/** A picture in an answer as Markdown, since an assistant's messages have no block for one. */
export const pictureText = (mimeType: string, data: string): string => `![image](data:${mimeType};base64,${data})`;
