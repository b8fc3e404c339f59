import type { JsonObject } from '../../../store/ground/json.js';
import { BadRequest } from '../translation/request/bad-request.js';
import type { DeclaredTool } from '../translation/request/declarations.js';
import { listAt, nameAt, objectAt, optionalObjectAt, optionalTextAt, textAt } from '../translation/request/fields.js';

/** A tool as its client knows it. */
export interface CataloguedTool {
  readonly type: 'function' | 'custom' | 'tool_search';
  readonly name: string;
  readonly namespace: string | null;
}

export const TOOL_SEARCH: CataloguedTool = { type: 'tool_search', name: 'tool_search', namespace: null };

/** Where a tool comes from: a deferred one can be called only once the model has found it. */
export type ToolPlace = 'declared' | 'found';

/** The one argument of the function that stands for a tool whose input is plain text. */
const RAW_INPUT = 'input';

/**
 * The tools of one Responses request. Gemini has only functions, and no namespaces: this gives each tool a unique name,
 * and finds the tool by that name again.
 */
export class ToolCatalog {
  private readonly declared = new Map<string, DeclaredTool>();
  private readonly byKey = new Map<string, CataloguedTool>();
  private readonly keys = new Map<string, string>();
  private searchesWeb = false;
  private findsTools = false;

  /** @throws {BadRequest} */
  add(tools: unknown, at: string, place: ToolPlace): void {
    const list = listAt(tools, at).map((tool, i) => objectAt(tool, `${at}[${i}]`));
    this.findsTools ||= list.some(isClientSearch);
    for (const [i, tool] of list.entries()) this.addOne(tool, `${at}[${i}]`, place, null);
  }

  /** The functions to declare, each with its unique name. */
  get functions(): readonly DeclaredTool[] {
    return [...this.declared.values()];
  }

  /** Whether Google is to search: only if nothing else was declared, since Google cannot do both. */
  get searches(): boolean {
    return this.searchesWeb && this.declared.size === 0;
  }

  has(key: string): boolean {
    return this.declared.has(key);
  }

  /**
   * The tool of that name; a name that the model has invented counts as a function, and the client decides what to do
   * with it.
   */
  tool(key: string): CataloguedTool {
    return this.byKey.get(key) ?? { type: 'function', name: key, namespace: null };
  }

  /** The unique name of a tool. */
  keyOf({ type, name, namespace }: CataloguedTool): string {
    return this.keys.get(identity(type, name, namespace)) ?? plainKey(name, namespace);
  }

  private addOne(tool: JsonObject, at: string, place: ToolPlace, namespace: string | null): void {
    const type = textAt(tool.type, `${at}.type`);
    if (type.startsWith('web_search')) {
      this.searchesWeb = true;
      return;
    }
    if (type === 'namespace' && namespace === null) {
      const name = nameAt(tool.name, `${at}.name`);
      for (const [i, inner] of listAt(tool.tools, `${at}.tools`).entries()) {
        this.addOne(objectAt(inner, `${at}.tools[${i}]`), `${at}.tools[${i}]`, place, name);
      }
      return;
    }
    if (type === 'tool_search') {
      if (isClientSearch(tool)) this.declare(TOOL_SEARCH, tool, tool.parameters ?? SEARCH_PARAMETERS, at);
      return;
    }
    if (type !== 'function' && type !== 'custom') {
      throw new BadRequest(
        `${at}.type ${JSON.stringify(type.slice(0, 64))} cannot be translated: only function, custom, namespace, tool_search and web_search can`,
        `${at}.type`,
      );
    }
    if (place === 'declared' && tool.defer_loading === true && this.findsTools) return;
    const known = { type, name: nameAt(tool.name, `${at}.name`), namespace } as const;
    this.declare(known, tool, type === 'custom' ? rawSchema(tool, at) : tool.parameters, at);
  }

  private declare(known: CataloguedTool, tool: JsonObject, schema: unknown, at: string): void {
    const key = this.claim(known);
    this.declared.set(key, {
      name: key,
      description: optionalTextAt(tool.description, `${at}.description`),
      schema: optionalObjectAt(schema, `${at}.parameters`),
    });
  }

  /**
   * Claims a unique name. Two tools may come to the same one (`a` in `b__c`, `c__a` in `b`): the later one gets
   * another.
   */
  private claim(known: CataloguedTool): string {
    const id = identity(known.type, known.name, known.namespace);
    const plain = plainKey(known.name, known.namespace);
    // No client's name has a NUL in it; Gemini gets a digest in its place.
    const key = this.keys.get(id) ?? (this.byKey.has(plain) ? id : plain);
    this.keys.set(id, key);
    this.byKey.set(key, known);
    return key;
  }
}

/**
 * Whether the client itself searches for tools. Other searches run on OpenAI's servers; then all tools are declared,
 * and there is nothing to find.
 */
const isClientSearch = ({ type, execution }: JsonObject): boolean => type === 'tool_search' && execution === 'client';

const SEARCH_PARAMETERS = { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] };

const plainKey = (name: string, namespace: string | null): string =>
  namespace === null ? name : `${namespace}__${name}`;

/**
 * What identifies a tool. A function and a custom tool of the same name are one tool, the later one, as clients mean
 * it.
 */
const identity = (type: CataloguedTool['type'], name: string, namespace: string | null): string =>
  `${type === 'tool_search' ? 'search' : 'tool'}\0${namespace ?? ''}\0${name}`;

/** The schema of a custom tool. The format of its text is described where the text goes. @throws {BadRequest} */
function rawSchema(tool: JsonObject, at: string): JsonObject {
  const format = optionalObjectAt(tool.format, `${at}.format`);
  const grammar = format?.type === 'grammar' ? optionalTextAt(format.definition, `${at}.format.definition`) : undefined;
  const syntax = format === undefined ? undefined : optionalTextAt(format.syntax, `${at}.format.syntax`);
  return {
    type: 'object',
    properties: {
      [RAW_INPUT]: {
        type: 'string',
        ...(grammar !== undefined && { description: `Text of this ${syntax ?? ''} grammar:\n${grammar}` }),
      },
    },
    required: [RAW_INPUT],
  };
}

/** The text of a custom tool as the arguments of its function. */
export const rawArguments = (input: string): JsonObject => ({ [RAW_INPUT]: input });

/** The text in the arguments of such a function; arguments of another form are returned as JSON. */
export function rawInput(args: JsonObject): string {
  const input = args[RAW_INPUT];
  return typeof input === 'string' ? input : JSON.stringify(args);
}
