import type { JsonObject } from '../../../store/ground/json.js';
import { BadRequest } from '../translation/request/bad-request.js';
import type { DeclaredTool } from '../translation/request/declarations.js';
import { listAt, nameAt, objectAt, optionalObjectAt, optionalTextAt, textAt } from '../translation/request/fields.js';

/** What a client knows a tool of its own as. */
export interface CataloguedTool {
  readonly type: 'function' | 'custom' | 'tool_search';
  readonly name: string;
  readonly namespace: string | null;
}

export const TOOL_SEARCH: CataloguedTool = { type: 'tool_search', name: 'tool_search', namespace: null };

/** Where tools stand: those that are deferred are the model's only once it has found them. */
export type ToolPlace = 'declared' | 'found';

/** A tool with a text for its only argument, as Gemini can be told of it. */
const RAW_INPUT = 'input';

/**
 * The tools of one request of Responses. Gemini has functions only, and no namespaces: this gives each tool a name that
 * is its own, and knows the tool by that name again.
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

  /** Functions to declare, each under its own name. */
  get functions(): readonly DeclaredTool[] {
    return [...this.declared.values()];
  }

  /** Google is to search: nothing else was declared, and with functions it cannot. */
  get searches(): boolean {
    return this.searchesWeb && this.declared.size === 0;
  }

  has(key: string): boolean {
    return this.declared.has(key);
  }

  /** The tool of that name; one that the model has invented is taken for a function, and is the client's to judge. */
  tool(key: string): CataloguedTool {
    return this.byKey.get(key) ?? { type: 'function', name: key, namespace: null };
  }

  /** The name that a tool has here. */
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

  /** Two tools may come to one name (`a` in `b__c`, `c__a` in `b`): the later one gets another. */
  private claim(known: CataloguedTool): string {
    const id = identity(known.type, known.name, known.namespace);
    const plain = plainKey(known.name, known.namespace);
    // No name of a client's has a NUL in it; Gemini gets a digest in its place.
    const key = this.keys.get(id) ?? (this.byKey.has(plain) ? id : plain);
    this.keys.set(id, key);
    this.byKey.set(key, known);
    return key;
  }
}

/** Other searches for tools run on OpenAI's servers; then all tools are declared, and there is nothing to find. */
const isClientSearch = ({ type, execution }: JsonObject): boolean => type === 'tool_search' && execution === 'client';

const SEARCH_PARAMETERS = { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] };

const plainKey = (name: string, namespace: string | null): string =>
  namespace === null ? name : `${namespace}__${name}`;

/** A function and a custom tool of one name are one tool, the later one; so clients mean it. */
const identity = (type: CataloguedTool['type'], name: string, namespace: string | null): string =>
  `${type === 'tool_search' ? 'search' : 'tool'}\0${namespace ?? ''}\0${name}`;

/** The schema of a custom tool. What its text has to look like is said where the text goes. @throws {BadRequest} */
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

/** The text of a custom tool, as the arguments of a function. */
export const rawArguments = (input: string): JsonObject => ({ [RAW_INPUT]: input });

/** The reverse; what is not that is given as it is. */
export function rawInput(args: JsonObject): string {
  const input = args[RAW_INPUT];
  return typeof input === 'string' ? input : JSON.stringify(args);
}
