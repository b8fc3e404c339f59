/**
 * A Gemini that is as strict as Google is reported to be: it checks the body of a `generateContent` call and refuses
 * what Google would answer with 400. It calls nobody, and keeps only the signatures that it gave out.
 */
import * as v from 'valibot';

/** Accepted in place of a signature that was lost (Google's page on thought signatures). */
const STANDS_FOR_NONE = 'skip_thought_signature_validator';

export class GeminiRefuses extends Error {
  readonly code = 'INVALID_ARGUMENT';
}

/** Which model is asked, and behind which kind of upstream. */
export interface Asked {
  model: string;
  codeAssist?: boolean;
}

const given = new Set<string>();
let counted = 0;

/** A signature as Gemini gives it out: long, with all characters of base64. Only such signatures are accepted back. */
export function freshSignature(length = 300): string {
  counted += 1;
  const alphabet = 'QZ+/xk09';
  let signature = `sig${counted}/`;
  while (signature.length < length) signature += alphabet[(signature.length * 7 + counted) % alphabet.length] ?? 'A';
  signature += counted % 3 === 0 ? '==' : counted % 3 === 1 ? '=' : '';
  given.add(signature);
  return signature;
}

/** Marks a signature as given out by this Gemini. */
export const giveOut = (signature: string): void => void given.add(signature);

const filled = v.pipe(v.string(), v.minLength(1));
const whole = v.pipe(v.number(), v.integer());
const struct = v.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'a struct',
);

const inlineData = v.strictObject({ mimeType: filled, data: filled });
const fileData = v.strictObject({ fileUri: filled, mimeType: v.optional(filled) });
const functionCall = v.strictObject({ id: v.optional(filled), name: filled, args: v.optional(struct) });
const functionResponse = v.strictObject({ id: v.optional(filled), name: filled, response: struct });

const part = v.pipe(
  v.strictObject({
    text: v.optional(v.string()),
    inlineData: v.optional(inlineData),
    fileData: v.optional(fileData),
    functionCall: v.optional(functionCall),
    functionResponse: v.optional(functionResponse),
    thought: v.optional(v.boolean()),
    thoughtSignature: v.optional(filled),
  }),
  v.check(
    ({ text, inlineData, fileData, functionCall, functionResponse }) =>
      [text, inlineData, fileData, functionCall, functionResponse].filter((data) => data !== undefined).length === 1,
    "required oneof field 'data' must have one initialized field",
  ),
);
type Part = v.InferOutput<typeof part>;

const content = v.strictObject({ role: v.picklist(['user', 'model']), parts: v.pipe(v.array(part), v.minLength(1)) });
type Content = v.InferOutput<typeof content>;

const declaration = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/)),
  description: v.optional(v.string()),
  parameters: v.optional(struct),
  parametersJsonSchema: v.optional(struct),
});
type Declaration = v.InferOutput<typeof declaration>;

const generationConfig = v.strictObject({
  temperature: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(2))),
  topP: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  topK: v.optional(v.pipe(whole, v.minValue(1))),
  candidateCount: v.optional(v.pipe(whole, v.minValue(1), v.maxValue(8))),
  maxOutputTokens: v.optional(v.pipe(whole, v.minValue(1))),
  stopSequences: v.optional(v.pipe(v.array(filled), v.maxLength(5))),
  responseMimeType: v.optional(filled),
  responseJsonSchema: v.optional(struct),
  responseModalities: v.optional(v.array(v.picklist(['TEXT', 'IMAGE']))),
  imageConfig: v.optional(v.strictObject({ aspectRatio: v.optional(filled), imageSize: v.optional(filled) })),
  seed: v.optional(v.pipe(whole, v.minValue(-(2 ** 31)), v.maxValue(2 ** 31 - 1))),
  presencePenalty: v.optional(v.pipe(v.number(), v.minValue(-2), v.maxValue(2))),
  frequencyPenalty: v.optional(v.pipe(v.number(), v.minValue(-2), v.maxValue(2))),
  responseLogprobs: v.optional(v.boolean()),
  logprobs: v.optional(v.pipe(whole, v.minValue(0), v.maxValue(20))),
  thinkingConfig: v.optional(
    v.strictObject({
      includeThoughts: v.optional(v.boolean()),
      thinkingBudget: v.optional(v.pipe(whole, v.minValue(-1))),
      thinkingLevel: v.optional(v.picklist(['minimal', 'low', 'medium', 'high'])),
    }),
  ),
});
type GenerationConfig = v.InferOutput<typeof generationConfig>;

const request = v.strictObject({
  contents: v.pipe(v.array(content), v.minLength(1)),
  systemInstruction: v.optional(
    v.strictObject({ role: v.optional(v.string()), parts: v.pipe(v.array(part), v.minLength(1)) }),
  ),
  tools: v.optional(
    v.array(
      v.strictObject({
        functionDeclarations: v.optional(v.array(declaration)),
        googleSearch: v.optional(v.strictObject({})),
      }),
    ),
  ),
  toolConfig: v.optional(
    v.strictObject({
      functionCallingConfig: v.strictObject({
        mode: v.picklist(['AUTO', 'ANY', 'NONE', 'VALIDATED']),
        allowedFunctionNames: v.optional(v.array(v.string())),
      }),
    }),
  ),
  generationConfig: v.optional(generationConfig),
  cachedContent: v.optional(filled),
});
export type TakenRequest = v.InferOutput<typeof request>;

/**
 * The body as Gemini reads it.
 *
 * @throws {GeminiRefuses} Google would answer 400; the message says what it found
 */
export function geminiTakes(body: unknown, asked: Asked): TakenRequest {
  // Only JSON is sent: undefined members are left out, and values that JSON does not have are changed.
  const sent: unknown = JSON.parse(JSON.stringify(body));
  const { success, output, issues } = v.safeParse(request, sent);
  if (!success) {
    throw new GeminiRefuses(
      `${v.getDotPath(issues[0]) ?? ''}: ${issues[0].message} in ${JSON.stringify(sent).slice(0, 2000)}`,
    );
  }
  const wrong =
    wrongThinking(output.generationConfig ?? {}, asked) ??
    wrongTools(output, asked) ??
    wrongTurns(output.contents, asked);
  if (wrong !== undefined) throw new GeminiRefuses(`${wrong} in ${JSON.stringify(sent).slice(0, 2000)}`);
  return output;
}

const isClaude = ({ model }: Asked): boolean => model.startsWith('claude');
const wantsSignatures = ({ model }: Asked): boolean => /^gemini-(?:[3-9]|\d\d)/.test(model);

/** Of the models that take a budget: the least and the most, and whether thinking can be turned off. */
const BUDGETS = [
  { name: '2.5-flash-lite', least: 512, most: 24_576, off: true },
  { name: '2.5-flash', least: 1, most: 24_576, off: true },
  { name: '2.5-pro', least: 128, most: 32_768, off: false },
];

function wrongThinking(
  { thinkingConfig, maxOutputTokens, responseLogprobs, logprobs }: GenerationConfig,
  asked: Asked,
) {
  if (logprobs !== undefined && responseLogprobs !== true) return 'logprobs without responseLogprobs';
  const { thinkingBudget: budget, thinkingLevel: level } = thinkingConfig ?? {};
  if (budget !== undefined && level !== undefined) return 'a thinking budget and a thinking level';
  if (level !== undefined && (asked.model.includes('2.5') || asked.codeAssist === true))
    return 'a thinking level for a model with budgets';
  if (budget === undefined || budget === -1) return undefined;
  const bounds = BUDGETS.find(({ name }) => asked.model.includes(name));
  if (bounds !== undefined && (budget > bounds.most || (budget < bounds.least && !(budget === 0 && bounds.off)))) {
    return `a thinking budget of ${budget} for ${asked.model}`;
  }
  if (isClaude(asked) && maxOutputTokens !== undefined && budget >= maxOutputTokens)
    return 'max_tokens must be greater than thinking.budget_tokens';
  return undefined;
}

function wrongTools({ tools = [], toolConfig }: TakenRequest, asked: Asked) {
  const declared = tools.flatMap(({ functionDeclarations }) => functionDeclarations ?? []);
  const names = declared.map(({ name }) => name);
  if (tools.some((tool) => Object.keys(tool).length === 0)) return 'an empty tool';
  if (new Set(names).size < names.length) return `a function is declared twice among ${names.join(', ')}`;
  if (names.length > 0 && tools.some(({ googleSearch }) => googleSearch !== undefined))
    return 'googleSearch beside functions';
  const { mode, allowedFunctionNames: allowed = [] } = toolConfig?.functionCallingConfig ?? { mode: 'AUTO' };
  if (allowed.length > 0 && mode !== 'ANY') return 'allowedFunctionNames without mode ANY';
  if (mode === 'ANY' && names.length === 0) return 'a call is demanded and no function declared';
  const stranger = allowed.find((name) => !names.includes(name));
  if (stranger !== undefined) return `${stranger} is allowed and not declared`;
  return declared.map((one) => wrongDeclaration(one, asked)).find((wrong) => wrong !== undefined);
}

function wrongDeclaration({ name, parameters, parametersJsonSchema }: Declaration, asked: Asked) {
  if (parameters !== undefined && parametersJsonSchema !== undefined) return `${name} has two schemas`;
  if (parametersJsonSchema !== undefined && isClaude(asked)) return `${name}: input_schema: Field required`;
  const root = parameters ?? parametersJsonSchema;
  if (root === undefined) return undefined;
  if (typeof root.type !== 'string' || root.type.toLowerCase() !== 'object')
    return `the parameters of ${name} are no object`;
  return parameters === undefined ? wrongReference(root, name) : wrongSchema(parameters, name);
}

/** `$ref` is not followed anywhere, and Gemini does not know `$schema`. */
function wrongReference(schema: unknown, at: string): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  for (const [key, inner] of Object.entries(schema)) {
    if (key === '$ref' && typeof inner === 'string') return `${at}: a reference ${inner}`;
    const wrong = wrongReference(inner, at);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

const SCHEMA_KEYS = new Set(
  (
    'type format title description nullable enum items maxItems minItems properties required minProperties ' +
    'maxProperties minLength maxLength pattern example anyOf propertyOrdering default minimum maximum'
  ).split(' '),
);

interface ReadSchema {
  type?: unknown;
  enum?: unknown[];
  items?: unknown;
  properties?: Record<string, unknown>;
  anyOf?: unknown[];
  required?: string[];
}

/** The small part of JSON Schema that `parameters` knows. */
function wrongSchema(schema: unknown, at: string): string | undefined {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return `${at} is no schema`;
  const { type, enum: values, items, properties = {}, anyOf = [], required = [] } = schema as ReadSchema;
  const unknown = Object.keys(schema).find((key) => !SCHEMA_KEYS.has(key));
  if (unknown !== undefined) return `${at}: Unknown name "${unknown}"`;
  if (Array.isArray(type)) return `${at}.type: a list`;
  if (values?.some((value) => typeof value !== 'string')) return `${at}.enum: no text`;
  const stranger = required.find((name) => !Object.hasOwn(properties, name));
  if (stranger !== undefined) return `${at}.required: ${stranger}`;
  const inner = [...Object.values(properties), ...anyOf, ...(items === undefined ? [] : [items])];
  return inner.map((one) => wrongSchema(one, at)).find((wrong) => wrong !== undefined);
}

type Call = v.InferOutput<typeof functionCall>;
type Response = v.InferOutput<typeof functionResponse>;
const callsOf = ({ parts }: Content): Call[] => parts.flatMap(({ functionCall }) => functionCall ?? []);
const responsesOf = ({ parts }: Content): Response[] => parts.flatMap(({ functionResponse }) => functionResponse ?? []);

function wrongTurns(contents: Content[], asked: Asked): string | undefined {
  const lastAsked = contents.findLastIndex((turn) => turn.role === 'user' && responsesOf(turn).length === 0);
  for (const [at, turn] of contents.entries()) {
    const before = contents[at - 1];
    const wrong =
      turn.parts.map(wrongPart).find((one) => one !== undefined) ??
      wrongCalls(turn, before, asked, at > lastAsked) ??
      wrongResponses(turn, before, asked);
    if (wrong !== undefined) return `contents[${at}]: ${wrong}`;
    if (before?.role === turn.role) return `contents[${at}]: two turns of one role`;
  }
  const last = contents.at(-1);
  return last !== undefined && callsOf(last).length > 0 ? 'the last call has no response' : undefined;
}

function wrongPart({ thoughtSignature, functionResponse }: Part) {
  if (thoughtSignature !== undefined && thoughtSignature !== STANDS_FOR_NONE && !given.has(thoughtSignature))
    return 'Thought signature is not valid';
  return functionResponse === undefined ? undefined : wrongReference(functionResponse.response, 'a response');
}

function wrongCalls(turn: Content, before: Content | undefined, asked: Asked, isCurrent: boolean) {
  const [first] = turn.parts.filter(({ functionCall }) => functionCall !== undefined);
  if (first === undefined) return undefined;
  if (turn.role !== 'model') return 'a call by the user';
  if (before?.role !== 'user') return 'a call that follows nothing of the user';
  if (wantsSignatures(asked) && isCurrent && first.thoughtSignature === undefined)
    return `${first.functionCall?.name ?? ''} is missing a thought_signature`;
  if (isClaude(asked) && callsOf(turn).some(({ id }) => id === undefined)) return 'tool_use.id: Field required';
  return undefined;
}

function wrongResponses(turn: Content, before: Content | undefined, asked: Asked) {
  const calls = before === undefined ? [] : callsOf(before);
  const responses = responsesOf(turn);
  if (calls.length !== responses.length) return `${calls.length} calls and ${responses.length} responses`;
  if (responses.length === 0) return undefined;
  if (turn.role !== 'user') return 'a response by the model';
  const firstOther = turn.parts.findIndex(({ functionResponse }) => functionResponse === undefined);
  if (firstOther !== -1 && firstOther < responses.length) return 'something stands between the responses';
  if (calls.some(({ name }, i) => name !== responses[i]?.name))
    return 'the names of the responses are not those of the calls';
  if (isClaude(asked) && calls.some(({ id }, i) => id !== responses[i]?.id)) return 'unexpected tool_use_id';
  return undefined;
}
