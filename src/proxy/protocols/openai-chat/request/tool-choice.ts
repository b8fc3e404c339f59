import { type JsonObject, isJsonObject } from '../../../../store/ground/json.js';
import type { GeminiDeclaration, GeminiTool, GeminiToolConfig } from '../../translation/gemini/gemini.js';
import { BadRequest } from '../../translation/request/bad-request.js';
import { listAt, nameAt, objectAt, textAt } from '../../translation/request/fields.js';

/** Which of the declared functions the model may or must call. */
export interface ToolChoice {
  readonly mode: 'AUTO' | 'ANY' | 'NONE';
  /** The only functions that may be called; null: all. */
  readonly only: readonly string[] | null;
}

/** Returns the name in an entry of `tool_choice`, in the form of either protocol; null: it names no function. */
type NameOf = (choice: JsonObject, at: string) => string | null;

/** In Chat the name is in an inner object named by the type. */
export function nestedName(choice: JsonObject, at: string): string | null {
  if (choice.type !== 'function') return null;
  return nameAt(objectAt(choice.function, `${at}.function`).name, `${at}.function.name`);
}

const MODES: ReadonlyMap<string, ToolChoice['mode']> = new Map([
  ['auto', 'AUTO'],
  ['required', 'ANY'],
  ['none', 'NONE'],
]);

/**
 * What `tool_choice` allows or demands.
 *
 * @param choice - absent means `auto`
 * @throws {BadRequest}
 */
export function toolChoice(choice: unknown, nameOf: NameOf, at = 'tool_choice'): ToolChoice {
  if (choice === undefined || choice === null) return { mode: 'AUTO', only: null };
  if (!isJsonObject(choice)) return { mode: modeOf(choice, at), only: null };
  if (choice.type === 'allowed_tools') {
    // In Chat the allowed tools are in an inner object, in Responses they are not.
    const nested = isJsonObject(choice.allowed_tools);
    const allowed = nested ? (choice.allowed_tools as JsonObject) : choice;
    const here = nested ? `${at}.allowed_tools` : at;
    const names = listAt(allowed.tools, `${here}.tools`).map((tool, i) =>
      named(objectAt(tool, `${here}.tools[${i}]`), `${here}.tools[${i}]`, nameOf),
    );
    return { mode: modeOf(allowed.mode ?? 'auto', `${here}.mode`), only: names };
  }
  return { mode: 'ANY', only: [named(choice, at, nameOf)] };
}

function modeOf(value: unknown, at: string): ToolChoice['mode'] {
  const mode = MODES.get(textAt(value, at));
  if (mode !== undefined) return mode;
  throw new BadRequest(`${at} must be auto, required, none, or name a function of tools`, at);
}

function named(choice: JsonObject, at: string, nameOf: NameOf): string {
  const name = nameOf(choice, at);
  if (name !== null) return name;
  throw new BadRequest(`${at}.type cannot be translated: only functions of tools can be chosen`, `${at}.type`);
}

/** The tools of a request, and what the model may do with them. */
export interface ChosenTools {
  readonly tools?: readonly GeminiTool[];
  readonly toolConfig?: GeminiToolConfig;
}

/**
 * The declarations, reduced by the choice. Gemini takes a list of names only where a call is demanded; where it is not,
 * only the allowed functions are declared.
 *
 * @param wireName - Gemini's name for a function; undefined: it is not declared
 * @throws {BadRequest} the choice names a function that is not declared
 */
export function chosenTools(
  declared: readonly GeminiDeclaration[],
  { mode, only }: ToolChoice,
  wireName: (name: string) => string | undefined,
): ChosenTools {
  const names = only?.map((name) => wireName(name) ?? notDeclared(name));
  if (declared.length === 0) {
    if (mode === 'ANY') throw new BadRequest('tool_choice demands a call, and tools has no function', 'tool_choice');
    return {};
  }
  if (mode === 'ANY') {
    const allowed = names === undefined || names.length === 0 ? {} : { allowedFunctionNames: names };
    return { tools: [{ functionDeclarations: declared }], toolConfig: { functionCallingConfig: { mode, ...allowed } } };
  }
  const kept = names === undefined ? declared : declared.filter(({ name }) => names.includes(name));
  if (kept.length === 0) return {};
  return {
    tools: [{ functionDeclarations: kept }],
    ...(mode === 'NONE' && { toolConfig: { functionCallingConfig: { mode } } }),
  };
}

function notDeclared(name: string): never {
  throw new BadRequest(
    `tool_choice names ${JSON.stringify(name.slice(0, 64))}, which is not one of tools`,
    'tool_choice',
  );
}
