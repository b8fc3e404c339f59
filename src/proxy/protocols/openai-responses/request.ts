import type { JsonObject } from '../../../store/ground/json.js';
import { effortAt, outputTokens, sampling, structuredOutput } from '../openai-chat/request/generation.js';
import { type RefusedFields, refuseFields } from '../openai-chat/request/refusals.js';
import { type ChosenTools, chosenTools, toolChoice } from '../openai-chat/request/tool-choice.js';
import type { GeminiGenerationConfig, GeminiRequest } from '../translation/gemini/gemini.js';
import { BadRequest } from '../translation/request/bad-request.js';
import { declarations } from '../translation/request/declarations.js';
import {
  isAbsent,
  nameAt,
  optionalFlagAt,
  optionalListAt,
  optionalObjectAt,
  optionalTextAt,
  unknownFields,
} from '../translation/request/fields.js';
import { thinkingConfig } from '../translation/request/thinking.js';
import { ToolNames } from '../translation/request/tool-names.js';
import { Turns } from '../translation/request/turns.js';
import type { TranslatedRequest, TranslationContext } from '../translation/translated.js';
import { addFoundTools, responsesConversation, inputItems } from './input.js';
import { wholeResponse } from './response.js';
import { ResponsesWriter } from './stream.js';
import { TOOL_SEARCH, ToolCatalog } from './tool-catalog.js';

const REFUSED: RefusedFields = {
  conversation: 'nothing is kept here; send the whole conversation as input',
  background: 'answers are given at once; leave it out',
  prompt: 'prompts that are kept at OpenAI cannot be seen here; send instructions and input',
};

const KNOWN = new Set([
  ...Object.keys(REFUSED),
  ...['model', 'previous_response_id', 'instructions', 'input', 'stream', 'tools', 'tool_choice'],
  ...['max_output_tokens', 'temperature', 'top_p', 'reasoning', 'text'],
  // Google has nothing like these, and an answer without them is still what was asked for.
  ...['store', 'include', 'metadata', 'client_metadata', 'truncation', 'parallel_tool_calls', 'stream_options'],
  ...['user', 'service_tier', 'top_logprobs', 'max_tool_calls'],
  ...['prompt_cache_key', 'prompt_cache_retention', 'safety_identifier'],
]);

/** A Responses request, translated for Gemini. @throws {BadRequest} */
export function responsesRequest(body: JsonObject, context: TranslationContext): TranslatedRequest {
  refusePrevious(body.previous_response_id);
  refuseFields(body, REFUSED);
  const items = inputItems(body.input);
  const catalog = new ToolCatalog();
  catalog.add(optionalListAt(body.tools, 'tools'), 'tools', 'declared');
  addFoundTools(items, catalog);
  const names = new ToolNames();
  // Declared names come first: if Gemini would take two names for one, the declared one keeps it.
  const tools = toolsOf(body.tool_choice, catalog, names, context);
  const turns = new Turns(names, context.signatures);
  const conversation = responsesConversation(body.instructions, items, { turns, catalog, names });
  const thoughtsShown = wantsSummary(body);
  const generationConfig = generationOf(body, context, { thoughtsShown, turns });
  const request: GeminiRequest = {
    ...conversation,
    ...tools,
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
  };
  const answering = { context, names, catalog, thoughtsShown, asked: body };
  return {
    body: request,
    stream: optionalFlagAt(body.stream, 'stream') ?? false,
    thoughtsShown,
    unknown: unknownFields(body, KNOWN),
    writer: () => new ResponsesWriter(answering),
    whole: (answer) => wholeResponse(answer, answering),
  };
}

function refusePrevious(id: unknown): void {
  const previous = optionalTextAt(id, 'previous_response_id');
  if (previous === undefined || previous === '') return;
  throw new BadRequest(
    'previous_response_id names a response that is not kept here: send the whole conversation as input',
    'previous_response_id',
    'previous_response_not_found',
  );
}

function toolsOf(choice: unknown, catalog: ToolCatalog, names: ToolNames, { model }: TranslationContext): ChosenTools {
  if (catalog.searches) return { tools: [{ googleSearch: {} }] };
  return chosenTools(
    declarations(catalog.functions, names, model),
    toolChoice(choice, (one, at) => chosenKey(one, at, catalog)),
    (key) => (catalog.has(key) ? names.toGemini(key) : undefined),
  );
}

/** The catalogue's name of what `tool_choice` names; null: nothing that can be chosen. */
function chosenKey({ type, name, namespace }: JsonObject, at: string, catalog: ToolCatalog): string | null {
  if (type === 'tool_search') return catalog.keyOf(TOOL_SEARCH);
  if (type !== 'function' && type !== 'custom') return null;
  const within = optionalTextAt(namespace, `${at}.namespace`) ?? null;
  return catalog.keyOf({ type, name: nameAt(name, `${at}.name`), namespace: within });
}

/** Whether thoughts are shown: only to a client that asks for a summary of them. @throws {BadRequest} */
function wantsSummary(body: JsonObject): boolean {
  const reasoning = optionalObjectAt(body.reasoning, 'reasoning');
  return reasoning !== undefined && !(isAbsent(reasoning.summary) && isAbsent(reasoning.generate_summary));
}

function generationOf(
  body: JsonObject,
  { model }: TranslationContext,
  { thoughtsShown, turns }: { thoughtsShown: boolean; turns: Turns },
): GeminiGenerationConfig {
  const maxOutputTokens = outputTokens(body.max_output_tokens, 'max_output_tokens', model);
  const effort = effortAt(optionalObjectAt(body.reasoning, 'reasoning')?.effort, 'reasoning.effort');
  // Claude goes on thinking only if the thoughts before its last calls are in the conversation, and these are not.
  const lost = model.isClaude && turns.lacksThoughts();
  const thinking = lost ? undefined : thinkingConfig({ effort, thoughtsShown }, model, maxOutputTokens);
  const format = optionalObjectAt(optionalObjectAt(body.text, 'text')?.format, 'text.format');
  return {
    ...sampling(body),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(thinking !== undefined && { thinkingConfig: thinking }),
    ...structuredOutput(format, 'text.format', ({ schema }) => [schema, 'text.format.schema']),
  };
}
