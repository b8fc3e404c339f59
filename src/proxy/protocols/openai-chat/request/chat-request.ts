import type { JsonObject } from '../../../../store/ground/json.js';
import type { GeminiRequest } from '../../translation/gemini/gemini.js';
import { optionalFlagAt, optionalObjectAt, unknownFields } from '../../translation/request/fields.js';
import { ToolNames } from '../../translation/request/tool-names.js';
import { Turns } from '../../translation/request/turns.js';
import type { TranslatedRequest, TranslationContext } from '../../translation/translated.js';
import { BadRequest } from '../../translation/request/bad-request.js';
import { chatCompletion } from '../answer/completion.js';
import { COMMON_FIELDS, chatGeneration, effortAt, showsThoughts } from './generation.js';
import { chatConversation } from './messages.js';
import { NO_BIAS, type RefusedFields, refuseFields } from './refusals.js';
import { ChatWriter } from '../answer/stream.js';
import { chatTools } from './tools.js';

const REFUSED: RefusedFields = {
  audio: 'Gemini answers in text here; leave it out',
  ...NO_BIAS,
  functions: 'it is the older form of tools; declare them there',
  function_call: 'it is the older form of tool_choice; choose there',
};

const KNOWN = new Set([
  ...Object.keys(REFUSED),
  ...['model', 'messages', 'stream', 'stream_options', 'tools', 'tool_choice', 'web_search_options', 'modalities'],
  ...COMMON_FIELDS,
  ...['max_completion_tokens', 'max_tokens', 'response_format', 'reasoning_effort', 'logprobs', 'top_logprobs'],
  // Google has nothing like these, and an answer without them is still what was asked for.
  ...['user', 'store', 'metadata', 'service_tier', 'parallel_tool_calls', 'verbosity', 'prediction'],
  ...['prompt_cache_key', 'prompt_cache_retention', 'safety_identifier'],
]);

/** A Chat Completions request, translated for Gemini. @throws {BadRequest} */
export function chatRequest(body: JsonObject, context: TranslationContext): TranslatedRequest {
  refuseFields(body, REFUSED);
  refuseAudio(body.modalities);
  const names = new ToolNames();
  const effort = effortAt(body.reasoning_effort, 'reasoning_effort');
  // Declared names come first: if Gemini would take two names for one, the declared one keeps it.
  const tools = chatTools(body, names, context.model, context.searchBesideTools);
  const turns = new Turns(names, context.signatures);
  const conversation = chatConversation(body.messages, turns);
  // Claude goes on thinking only if the thoughts before its last calls are in the conversation, and Chat has no place
  // for them.
  const told = context.model.isClaude && turns.lacksThoughts() ? undefined : effort;
  const generationConfig = chatGeneration(body, context.model, told);
  const request: GeminiRequest = {
    ...conversation,
    ...tools,
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
  };
  const answering = {
    ...{ context, names },
    thoughtsShown: showsThoughts(effort),
    searches: tools.tools?.some((tool) => 'googleSearch' in tool) === true,
    usageShown: optionalObjectAt(body.stream_options, 'stream_options')?.include_usage === true,
  };
  return {
    body: request,
    stream: optionalFlagAt(body.stream, 'stream') ?? false,
    thoughtsShown: answering.thoughtsShown,
    unknown: unknownFields(body, KNOWN),
    writer: () => new ChatWriter(answering),
    whole: (answer) => chatCompletion(answer, answering),
  };
}

function refuseAudio(modalities: unknown): void {
  if (!Array.isArray(modalities) || !modalities.includes('audio')) return;
  throw new BadRequest('modalities cannot have "audio": Gemini answers in text here; leave it out', 'modalities');
}
