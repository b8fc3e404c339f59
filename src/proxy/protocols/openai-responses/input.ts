import { type JsonObject, isJsonObject } from '../../../store/ground/json.js';
import { ONLY_TEXT, SAID_BY_MODEL, contentParts, toolResult } from '../openai-chat/request/content.js';
import { type Conversation, conversation } from '../openai-chat/request/messages.js';
import type { GeminiPart } from '../translation/gemini/gemini.js';
import { BadRequest } from '../translation/request/bad-request.js';
import { isAbsent, listAt, nameAt, objectAt, optionalTextAt, textAt } from '../translation/request/fields.js';
import type { ToolNames } from '../translation/request/tool-names.js';
import { type Turns, argumentsOf } from '../translation/request/turns.js';
import { PIECES } from './content.js';
import { type CataloguedTool, TOOL_SEARCH, type ToolCatalog, rawArguments } from './tool-catalog.js';

/** What is gathered while `input` is read. */
interface Reading {
  readonly turns: Turns;
  readonly catalog: ToolCatalog;
  readonly names: ToolNames;
  /** Instructions; a system message that comes later stays in its place. */
  readonly system: GeminiPart[];
  begun: boolean;
}

/** `input` as a list of items. @throws {BadRequest} */
export const inputItems = (input: unknown): readonly JsonObject[] =>
  typeof input === 'string'
    ? [{ role: 'user', content: input }]
    : listAt(input, 'input').map((item, i) => objectAt(item, `input[${i}]`));

/** Adds tools that the model has found by `tool_search`; they are only in the input. @throws {BadRequest} */
export function addFoundTools(items: readonly JsonObject[], catalog: ToolCatalog): void {
  for (const [i, { type, tools }] of items.entries()) {
    if (type === 'tool_search_output' && !isAbsent(tools)) catalog.add(tools, `input[${i}].tools`, 'found');
  }
}

/** The conversation in `instructions` and `input` of Responses. @throws {BadRequest} */
export function responsesConversation(
  instructions: unknown,
  items: readonly JsonObject[],
  tools: Pick<Reading, 'turns' | 'catalog' | 'names'>,
): Conversation {
  const text = optionalTextAt(instructions, 'instructions');
  const reading: Reading = { ...tools, system: text === undefined ? [] : [{ text }], begun: false };
  for (const [i, item] of items.entries()) sayItem(item, `input[${i}]`, reading);
  return conversation(reading.system, reading.turns, 'input');
}

/** Items that are of use only to the server that made them: thoughts, and searches that it ran. */
const PASSED_OVER = new Set(['reasoning', 'web_search_call']);

function sayItem(item: JsonObject, at: string, reading: Reading): void {
  const type = typeOf(item, at);
  if (PASSED_OVER.has(type)) return;
  if (type === 'item_reference') {
    passOverReasoning(item, at);
    return;
  }
  if (type === 'message') {
    sayMessage(item, at, reading);
    return;
  }
  reading.begun = true;
  if (type.endsWith('_call')) sayCall(type, item, at, reading);
  else sayOutput(type, item, at, reading);
}

function typeOf({ type, role, id }: JsonObject, at: string): string {
  if (!isAbsent(type)) return textAt(type, `${at}.type`);
  return isAbsent(role) && typeof id === 'string' ? 'item_reference' : 'message';
}

/** Skips a reference to stored reasoning. Nothing is stored here, and the model can do without its former thoughts. */
function passOverReasoning({ id }: JsonObject, at: string): void {
  if (nameAt(id, `${at}.id`).startsWith('rs_')) return;
  throw new BadRequest(
    `${at} refers to an item that is not kept here: send the item itself (store: false makes clients do so)`,
    at,
  );
}

function sayMessage({ role, content }: JsonObject, at: string, reading: Reading): void {
  switch (role) {
    case 'system':
    case 'developer': {
      const parts = contentParts(content, `${at}.content`, ONLY_TEXT);
      if (reading.begun) reading.turns.say('user', ...parts);
      else reading.system.push(...parts);
      return;
    }
    case 'user':
      reading.begun = true;
      reading.turns.say('user', ...contentParts(content, `${at}.content`, PIECES));
      return;
    case 'assistant':
      reading.begun = true;
      reading.turns.say('model', ...contentParts(content, `${at}.content`, SAID_BY_MODEL));
      return;
    default:
      throw new BadRequest(`${at}.role must be one of user, assistant, system, developer`, `${at}.role`);
  }
}

function sayCall(type: string, item: JsonObject, at: string, { turns, catalog }: Reading): void {
  const say = (tool: CataloguedTool, args: JsonObject): void =>
    turns.call(textAt(item.call_id, `${at}.call_id`), catalog.keyOf(tool), args);
  switch (type) {
    case 'function_call':
      say(calledTool('function', item, at), argumentsOf(textAt(item.arguments, `${at}.arguments`)));
      return;
    case 'custom_tool_call':
      say(calledTool('custom', item, at), rawArguments(textAt(item.input, `${at}.input`)));
      return;
    case 'tool_search_call':
      // A search without an id ran on a server; its result is the tools.
      if (!isAbsent(item.call_id)) say(TOOL_SEARCH, isJsonObject(item.arguments) ? item.arguments : {});
      return;
    default:
      refuseItem(type, at);
  }
}

const calledTool = (type: 'function' | 'custom', { name, namespace }: JsonObject, at: string): CataloguedTool => ({
  ...{ type, name: nameAt(name, `${at}.name`) },
  namespace: optionalTextAt(namespace, `${at}.namespace`) ?? null,
});

function sayOutput(type: string, item: JsonObject, at: string, { turns, catalog, names }: Reading): void {
  switch (type) {
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const { response, attachments } = toolResult(contentParts(item.output, `${at}.output`, PIECES));
      turns.result(textAt(item.call_id, `${at}.call_id`), response, attachments);
      return;
    }
    case 'tool_search_output': {
      if (isAbsent(item.call_id)) return;
      const found = foundTools(item.tools).map((tool) => names.toGemini(catalog.keyOf(tool)));
      turns.result(textAt(item.call_id, `${at}.call_id`), { output: JSON.stringify({ tools: found }) });
      return;
    }
    default:
      refuseItem(type, at);
  }
}

/** The tools in a search's output; they were checked when they were catalogued. */
function foundTools(tools: unknown, namespace: string | null = null): CataloguedTool[] {
  if (!Array.isArray(tools)) return [];
  return tools.filter(isJsonObject).flatMap(({ type, name, tools: inner }) => {
    if (typeof name !== 'string') return [];
    if (type === 'namespace') return foundTools(inner, name);
    return [{ type: type === 'custom' ? ('custom' as const) : ('function' as const), name, namespace }];
  });
}

function refuseItem(type: string, at: string): never {
  throw new BadRequest(
    `${at}.type ${JSON.stringify(type.slice(0, 64))} cannot be translated: leave it out`,
    `${at}.type`,
  );
}
