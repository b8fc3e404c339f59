import type { JsonObject } from '../../../store/ground/json.js';
import type { GeminiRequest, GeminiToolConfig } from '../translation/gemini/gemini.js';
import { BadRequest } from '../translation/request/bad-request.js';
import { type DeclaredTool, declarations } from '../translation/request/declarations.js';
import {
  isAbsent,
  nameAt,
  objectAt,
  optionalListAt,
  optionalObjectAt,
  optionalTextAt,
} from '../translation/request/fields.js';
import type { ToolNames } from '../translation/request/tool-names.js';
import type { TranslationContext } from '../translation/translated.js';

const WEB_SEARCH = /^web_search_\d+$/;

interface Around {
  /** Names of deferred tools that a result has referred to. */
  readonly referenced: ReadonlySet<string>;
  readonly names: ToolNames;
  readonly context: TranslationContext;
}

/** The tools of a request, and how the model may choose among them. @throws {BadRequest} */
export function toolsOf(body: JsonObject, around: Around): Pick<GeminiRequest, 'tools' | 'toolConfig'> {
  const functions: DeclaredTool[] = [];
  let search: string | null = null;
  for (const [index, value] of optionalListAt(body.tools, 'tools').entries()) {
    const at = `tools[${index}]`;
    const tool = objectAt(value, at);
    if (typeof tool.type === 'string' && WEB_SEARCH.test(tool.type)) search = at;
    else if (isOpen(tool, around.referenced)) functions.push(declared(tool, at));
    else declared(tool, at);
  }
  const { searchBesideTools, model } = around.context;
  if (functions.length === 0)
    return { ...choice(body, [], around), ...(search !== null && { tools: [{ googleSearch: {} }] }) };
  if (search !== null && searchBesideTools === 'refuse')
    throw new BadRequest(
      `${search} searches the web, which Gemini does not do beside functions: leave one of them out, or set protocols.searchBesideTools to "drop"`,
      search,
    );
  const functionDeclarations = declarations(functions, around.names, model);
  return { tools: [{ functionDeclarations }], ...choice(body, functions, around) };
}

/** Whether a tool is declared: a deferred one only once the client's search for tools has found it. */
const isOpen = ({ defer_loading: deferred, name }: JsonObject, referenced: ReadonlySet<string>): boolean =>
  deferred !== true || (typeof name === 'string' && referenced.has(name));

function declared(tool: JsonObject, at: string): DeclaredTool {
  const { type } = tool;
  if (!isAbsent(type) && type !== 'custom')
    throw new BadRequest(
      `${at}.type ${JSON.stringify(type)} is a tool of Anthropic's own, which is not here: declare it with an input_schema, or leave it out`,
      `${at}.type`,
    );
  return {
    name: nameAt(tool.name, `${at}.name`),
    description: optionalTextAt(tool.description, `${at}.description`),
    schema: tool.input_schema,
  };
}

/** @throws {BadRequest} */
function choice(
  body: JsonObject,
  tools: readonly DeclaredTool[],
  { names }: Around,
): { toolConfig?: GeminiToolConfig } {
  const wanted = optionalObjectAt(body.tool_choice, 'tool_choice');
  if (wanted === undefined) return {};
  switch (wanted.type) {
    case 'auto':
      return {};
    case 'none':
      return tools.length === 0 ? {} : { toolConfig: { functionCallingConfig: { mode: 'NONE' } } };
    case 'any':
      return tools.length === 0 ? {} : { toolConfig: { functionCallingConfig: { mode: 'ANY' } } };
    case 'tool': {
      const name = nameAt(wanted.name, 'tool_choice.name');
      if (tools.length === 0 && optionalListAt(body.tools, 'tools').length > 0) return {};
      if (!tools.some((tool) => tool.name === name))
        throw new BadRequest('tool_choice.name is none of the declared tools', 'tool_choice.name');
      const allowedFunctionNames = [names.toGemini(name)];
      return { toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames } } };
    }
    default:
      throw new BadRequest('tool_choice.type must be auto, none, any or tool', 'tool_choice.type');
  }
}
