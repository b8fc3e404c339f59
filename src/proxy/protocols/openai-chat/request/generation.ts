import type { JsonObject } from '../../../../store/ground/json.js';
import type { GeminiGenerationConfig } from '../../translation/gemini/gemini.js';
import type { AnsweringModel } from '../../translation/models/answering-model.js';
import { BadRequest } from '../../translation/request/bad-request.js';
import {
  COUNT,
  isAbsent,
  listAt,
  objectAt,
  optionalFlagAt,
  optionalNumberAt,
  optionalObjectAt,
  optionalWholeNumberAt,
  textAt,
} from '../../translation/request/fields.js';
import { inlined } from '../../translation/request/json-schema.js';
import { type Effort, isEffort, thinkingConfig } from '../../translation/request/thinking.js';

const TEMPERATURE = { least: 0, most: 2 };
const PROBABILITY = { least: 0, most: 1 };
const PENALTY = { least: -2, most: 2 };
const CHOICES = { least: 1, most: 8 };
const ALTERNATIVES = { least: 0, most: 20 };
const ANY_NUMBER = { least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER };
const MOST_STOPS = 5;

/** The fields without those that are undefined. */
const present = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

/** How much a client wants the model to think; absent: not said. @throws {BadRequest} */
export function effortAt(value: unknown, at: string): Effort | undefined {
  if (isAbsent(value)) return undefined;
  if (isEffort(value)) return value;
  throw new BadRequest(`${at} must be one of none, minimal, low, medium, high, xhigh, max`, at);
}

/** A limit of the answer's length, at most what the model can do. @throws {BadRequest} */
export function outputTokens(value: unknown, at: string, { outputTokenLimit }: AnsweringModel): number | undefined {
  const wanted = optionalWholeNumberAt(value, at, COUNT);
  return wanted === undefined || outputTokenLimit === null ? wanted : Math.min(wanted, outputTokenLimit);
}

/** `temperature` and `top_p`, which both of OpenAI's protocols have. @throws {BadRequest} */
export const sampling = (body: JsonObject): GeminiGenerationConfig =>
  present({
    temperature: optionalNumberAt(body.temperature, 'temperature', TEMPERATURE),
    topP: optionalNumberAt(body.top_p, 'top_p', PROBABILITY),
  });

/**
 * The output format of OpenAI's two protocols: `json_schema` is an inner object in Chat Completions, but not in
 * Responses.
 *
 * @throws {BadRequest}
 */
export function structuredOutput(
  format: JsonObject | undefined,
  at: string,
  schemaOf: (format: JsonObject) => readonly [schema: unknown, at: string],
): GeminiGenerationConfig {
  if (format === undefined) return {};
  switch (textAt(format.type, `${at}.type`)) {
    case 'text':
      return {};
    case 'json_object':
      return { responseMimeType: 'application/json' };
    case 'json_schema': {
      const [schema, here] = schemaOf(format);
      if (isAbsent(schema)) return { responseMimeType: 'application/json' };
      return { responseMimeType: 'application/json', responseJsonSchema: inlined(objectAt(schema, here)) };
    }
    default:
      throw new BadRequest(`${at}.type must be one of text, json_object, json_schema`, `${at}.type`);
  }
}

/** The schema of `response_format`. */
function nestedSchema({ json_schema: described }: JsonObject): readonly [unknown, string] {
  const at = 'response_format.json_schema';
  return [objectAt(described, at).schema, `${at}.schema`];
}

/** The stop sequences. OpenAI takes four, Google five. @throws {BadRequest} */
function stopSequences(value: unknown): readonly string[] | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === 'string') return value === '' ? undefined : [value];
  const list = listAt(value, 'stop')
    .map((one, i) => textAt(one, `stop[${i}]`))
    .filter((stop) => stop !== '');
  if (list.length > MOST_STOPS) throw new BadRequest(`stop must have at most ${MOST_STOPS} sequences`, 'stop');
  return list.length === 0 ? undefined : list;
}

/** The seed, reduced to Google's 32 bits. */
function seedOf(value: unknown): number | undefined {
  const seed = optionalWholeNumberAt(value, 'seed', ANY_NUMBER);
  return seed === undefined ? undefined : Number(BigInt.asIntN(32, BigInt(seed)));
}

/** The fields that `commonGeneration` reads. */
export const COMMON_FIELDS = ['stop', 'temperature', 'top_p', 'seed', 'n', 'presence_penalty', 'frequency_penalty'];

/** What Chat and the older completions have in common. @throws {BadRequest} */
export const commonGeneration = (body: JsonObject): GeminiGenerationConfig => ({
  ...sampling(body),
  ...present({
    candidateCount: optionalWholeNumberAt(body.n, 'n', CHOICES),
    stopSequences: stopSequences(body.stop),
    seed: seedOf(body.seed),
    presencePenalty: optionalNumberAt(body.presence_penalty, 'presence_penalty', PENALTY),
    frequencyPenalty: optionalNumberAt(body.frequency_penalty, 'frequency_penalty', PENALTY),
  }),
});

/** Generation settings of Chat Completions. @throws {BadRequest} */
export function chatGeneration(
  body: JsonObject,
  model: AnsweringModel,
  effort: Effort | undefined,
): GeminiGenerationConfig {
  const longest = isAbsent(body.max_completion_tokens) ? 'max_tokens' : 'max_completion_tokens';
  const maxOutputTokens = outputTokens(body[longest], longest, model);
  return {
    ...commonGeneration(body),
    ...present({ maxOutputTokens, thinkingConfig: thinkingFor(effort, model, maxOutputTokens) }),
    ...logprobs(body),
    ...structuredOutput(optionalObjectAt(body.response_format, 'response_format'), 'response_format', nestedSchema),
  };
}

/** Whether Chat shows thoughts: only to a client that said how much the model should think. */
export const showsThoughts = (effort: Effort | undefined): boolean => effort !== undefined && effort !== 'none';

const thinkingFor = (effort: Effort | undefined, model: AnsweringModel, maxOutputTokens: number | undefined) =>
  thinkingConfig({ effort, thoughtsShown: showsThoughts(effort) }, model, maxOutputTokens);

function logprobs(body: JsonObject): GeminiGenerationConfig {
  const alternatives = optionalWholeNumberAt(body.top_logprobs, 'top_logprobs', ALTERNATIVES);
  if (optionalFlagAt(body.logprobs, 'logprobs') !== true) return {};
  return { responseLogprobs: true, ...(alternatives !== undefined && { logprobs: alternatives }) };
}
