import type { JsonObject } from '../../../store/ground/json.js';
import type { GeminiGenerationConfig, GeminiPart, GeminiRequest } from '../translation/gemini/gemini.js';
import { BadRequest } from '../translation/request/bad-request.js';
import {
  COUNT,
  isAbsent,
  objectAt,
  optionalFlagAt,
  optionalListAt,
  optionalNumberAt,
  optionalObjectAt,
  optionalWholeNumberAt,
  textAt,
  unknownFields,
} from '../translation/request/fields.js';
import { inlined } from '../translation/request/json-schema.js';
import { type WantedThinking, isEffort, thinkingConfig } from '../translation/request/thinking.js';
import { ToolNames } from '../translation/request/tool-names.js';
import { Turns } from '../translation/request/turns.js';
import type { TranslatedRequest, TranslationContext } from '../translation/translated.js';
import { wholeMessage } from './answer.js';
import { addMessages } from './messages.js';
import { MessageWriter } from './stream.js';
import { toolsOf } from './tools.js';

/** The fields that are translated, and fields of the Messages API that a Gemini model has no use for. */
const KNOWN = new Set(
  (
    'model messages system tools tool_choice max_tokens temperature top_p top_k stop_sequences stream thinking output_config ' +
    'output_format metadata cache_control context_management service_tier betas safeguards inference_geo mcp_servers container'
  ).split(' '),
);
const BILLING = 'x-anthropic-billing-header:';
const MOST_STOPS = 5;

/** What a body is translated for: counting its tokens needs less. */
export type Purpose = 'answer' | 'count';

/**
 * A request of Anthropic's Messages API, translated for Gemini.
 *
 * @throws {BadRequest} it is none, or asks for something that is not available here
 */
export function translatedMessages(
  body: JsonObject,
  context: TranslationContext,
  purpose: Purpose = 'answer',
): TranslatedRequest {
  refuse(body);
  const names = new ToolNames();
  const turns = new Turns(names, context.signatures);
  const referenced = addMessages(body.messages, turns, context.model);
  if (purpose === 'answer' && turns.endsWithWordsOfModel())
    throw new BadRequest(
      'messages ends with an assistant message: prefill is not possible here, end with a user message',
      'messages',
    );
  const system = systemParts(body.system);
  const contents = turns.contents();
  if (contents.length === 0) throw new BadRequest('messages must say something', 'messages');
  const thinking = wantedThinking(body);
  const tools = toolsOf(body, { referenced, names, context });
  const generationConfig = generationConfigOf(body, thinking, turns, context);
  const request: GeminiRequest = {
    contents,
    ...(system.length > 0 && { systemInstruction: { parts: system } }),
    ...tools,
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
  };
  const answering = { names, context, thoughtsShown: thinking.thoughtsShown };
  return {
    ...{ body: request, thoughtsShown: thinking.thoughtsShown, unknown: unknownFields(body, KNOWN) },
    stream: optionalFlagAt(body.stream, 'stream') ?? false,
    writer: () => new MessageWriter(answering),
    whole: (answer) => wholeMessage(answer, answering),
  };
}

/** Refuses what only Anthropic's own servers can do. @throws {BadRequest} */
function refuse(body: JsonObject): void {
  if (optionalListAt(body.mcp_servers, 'mcp_servers').length > 0)
    throw new BadRequest(
      'mcp_servers are not possible here: let the client connect to them, and declare their tools',
      'mcp_servers',
    );
  if (!isAbsent(body.container)) throw new BadRequest('container is not possible here: leave it out', 'container');
}

/**
 * The system instruction. Claude Code's first block tells its maker whom to bill, and is left out.
 *
 * @throws {BadRequest}
 */
function systemParts(system: unknown): GeminiPart[] {
  if (typeof system === 'string') return system === '' ? [] : [{ text: system }];
  return optionalListAt(system, 'system').flatMap((block, at) => {
    const text = textAt(objectAt(block, `system[${at}]`).text, `system[${at}].text`);
    return text === '' || text.startsWith(BILLING) ? [] : [{ text }];
  });
}

/** @throws {BadRequest} */
function wantedThinking(body: JsonObject): WantedThinking {
  const effort = optionalObjectAt(body.output_config, 'output_config')?.effort;
  if (!isAbsent(effort) && !isEffort(effort))
    throw new BadRequest('output_config.effort must be low, medium, high, xhigh or max', 'output_config.effort');
  const told = isAbsent(effort) ? undefined : effort;
  const thinking = optionalObjectAt(body.thinking, 'thinking');
  if (thinking === undefined) return { effort: told, thoughtsShown: false };
  const thoughtsShown = thinking.display !== 'omitted';
  switch (thinking.type) {
    case 'disabled':
      return { effort: 'none', thoughtsShown: false };
    case 'adaptive':
      return { effort: told ?? 'high', thoughtsShown };
    case 'enabled': {
      const budget = optionalWholeNumberAt(thinking.budget_tokens, 'thinking.budget_tokens', COUNT);
      if (budget === undefined)
        throw new BadRequest('thinking.budget_tokens must say how many tokens', 'thinking.budget_tokens');
      return { effort: told, budget, thoughtsShown };
    }
    default:
      throw new BadRequest('thinking.type must be enabled, adaptive or disabled', 'thinking.type');
  }
}

/** @throws {BadRequest} */
function generationConfigOf(
  body: JsonObject,
  thinking: WantedThinking,
  turns: Turns,
  { model }: TranslationContext,
): GeminiGenerationConfig {
  const asked = optionalWholeNumberAt(body.max_tokens, 'max_tokens', COUNT);
  const maxOutputTokens = asked === undefined ? undefined : Math.min(asked, model.outputTokenLimit ?? asked);
  const temperature = optionalNumberAt(body.temperature, 'temperature', { least: 0, most: 2 });
  const topP = optionalNumberAt(body.top_p, 'top_p', { least: 0, most: 1 });
  const topK = optionalWholeNumberAt(body.top_k, 'top_k', { ...COUNT, least: 0 });
  const stopSequences = stopsOf(body.stop_sequences);
  // Claude goes on thinking only if the thoughts before its last calls are still in the conversation.
  const thinkingTold =
    model.isClaude && turns.lacksThoughts() ? undefined : thinkingConfig(thinking, model, maxOutputTokens);
  return {
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && topK > 0 && { topK }),
    ...(stopSequences.length > 0 && { stopSequences }),
    ...formatOf(body),
    ...(thinkingTold !== undefined && { thinkingConfig: thinkingTold }),
  };
}

/** @throws {BadRequest} */
function stopsOf(value: unknown): string[] {
  const list = optionalListAt(value, 'stop_sequences');
  if (list.length > MOST_STOPS)
    throw new BadRequest(
      `stop_sequences has ${list.length} entries: Gemini takes ${MOST_STOPS} at most`,
      'stop_sequences',
    );
  return list.map((stop, at) => textAt(stop, `stop_sequences[${at}]`)).filter((stop) => stop !== '');
}

/** Structured output, by its present field and by the one of its beta. @throws {BadRequest} */
function formatOf(body: JsonObject): Partial<GeminiGenerationConfig> {
  const inConfig = optionalObjectAt(body.output_config, 'output_config')?.format;
  const [value, at] = isAbsent(inConfig) ? [body.output_format, 'output_format'] : [inConfig, 'output_config.format'];
  const format = optionalObjectAt(value, at);
  if (format === undefined) return {};
  if (format.type !== 'json_schema') throw new BadRequest(`${at}.type must be json_schema`, `${at}.type`);
  const schema = objectAt(format.schema, `${at}.schema`);
  return { responseMimeType: 'application/json', responseJsonSchema: inlined(schema) };
}
