import type { JsonObject } from '../../../../store/ground/json.js';
import type { AnsweringModel } from '../../translation/models/answering-model.js';
import { BadRequest } from '../../translation/request/bad-request.js';
import { type DeclaredTool, declarations } from '../../translation/request/declarations.js';
import {
  nameAt,
  objectAt,
  optionalListAt,
  optionalObjectAt,
  optionalTextAt,
} from '../../translation/request/fields.js';
import type { ToolNames } from '../../translation/request/tool-names.js';
import { type ChosenTools, chosenTools, nestedName, toolChoice } from './tool-choice.js';

/** The tools of Chat Completions by `tools`, `tool_choice` and `web_search_options`. @throws {BadRequest} */
export function chatTools(
  body: JsonObject,
  names: ToolNames,
  model: AnsweringModel,
  searchBesideTools: 'refuse' | 'drop',
): ChosenTools {
  const tools = optionalListAt(body.tools, 'tools').map(declaredTool);
  const searches = optionalObjectAt(body.web_search_options, 'web_search_options') !== undefined;
  if (tools.length === 0 && searches) return { tools: [{ googleSearch: {} }] };
  if (searches && searchBesideTools === 'refuse') {
    throw new BadRequest(
      'web_search_options cannot stand beside tools: Gemini searches or calls functions, not both. Leave one out, or set protocols.searchBesideTools to "drop"',
      'web_search_options',
    );
  }
  const declared = new Set(tools.map(({ name }) => name));
  return chosenTools(declarations(tools, names, model), toolChoice(body.tool_choice, nestedName), (name) =>
    declared.has(name) ? names.toGemini(name) : undefined,
  );
}

function declaredTool(value: unknown, i: number): DeclaredTool {
  const at = `tools[${i}]`;
  const tool = objectAt(value, at);
  if (tool.type !== 'function') {
    throw new BadRequest(`${at}.type must be "function": nothing else can be translated`, `${at}.type`);
  }
  const declared = objectAt(tool.function, `${at}.function`);
  return {
    name: nameAt(declared.name, `${at}.function.name`),
    description: optionalTextAt(declared.description, `${at}.function.description`),
    schema: optionalObjectAt(declared.parameters, `${at}.function.parameters`),
  };
}
