import { type JsonObject, isJsonObject } from '../../../../store/ground/json.js';
import { ownValue } from '../../../../store/ground/json.js';

/** Keywords of JSON Schema (2020-12, and draft 7 for old clients) whose value is a schema. */
const SCHEMAS = new Set(
  'items additionalItems additionalProperties unevaluatedItems unevaluatedProperties contains propertyNames not if then else'.split(
    ' ',
  ),
);
const LISTS = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items']);
const MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas']);
/** Keywords that Gemini does not get: the draft, and definitions, which by then are put in where they are used. */
const LEFT_OUT = new Set(['$schema', '$defs', 'definitions']);

/** Schemas that are nested deeper allow anything. */
const DEEPEST = 64;
/** Schemas that refer to each other can grow without end: past this many, a reference allows anything. */
const MOST_NODES = 10_000;

/**
 * A JSON schema in the form that Gemini takes: without `$schema`, and with each local `$ref` replaced by what it names.
 * Only keywords are changed: properties, values and examples keep their names.
 */
export function inlined(schema: unknown): unknown {
  return new Inlining(schema).schema(schema, 0, []);
}

/** A schema for arguments: its root is an object, as Gemini demands. */
export function argumentSchema(schema: unknown): JsonObject {
  const whole = inlined(schema);
  if (!isJsonObject(whole)) return { type: 'object', properties: {} };
  const types: unknown[] = Array.isArray(whole.type) ? whole.type : [whole.type];
  if (whole.type === 'object') return whole;
  if (whole.type === undefined || types.includes('object')) return { ...whole, type: 'object' };
  return { type: 'object', properties: {} };
}

class Inlining {
  private nodes = 0;

  constructor(private readonly root: unknown) {}

  /** @param open - the references that are being replaced around this schema */
  schema(schema: unknown, depth: number, open: readonly string[]): unknown {
    if (!isJsonObject(schema)) return schema;
    this.nodes++;
    if (depth > DEEPEST) return {};
    if (typeof schema.$ref === 'string') return this.referred(schema, schema.$ref, depth, open);
    const kept = Object.entries(schema).filter(([keyword]) => !LEFT_OUT.has(keyword));
    return Object.fromEntries(kept.map(([keyword, value]) => [keyword, this.value(keyword, value, depth + 1, open)]));
  }

  private value(keyword: string, value: unknown, depth: number, open: readonly string[]): unknown {
    if (Array.isArray(value)) return LISTS.has(keyword) ? value.map((one) => this.schema(one, depth, open)) : value;
    if (SCHEMAS.has(keyword)) return this.schema(value, depth, open);
    if (!MAPS.has(keyword) || !isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.schema(one, depth, open)]));
  }

  /** A reference with its target put in. Keywords beside the reference count too, and before those of the target. */
  private referred(schema: JsonObject, reference: string, depth: number, open: readonly string[]): unknown {
    const { $ref: _, ...beside } = schema;
    const isCut = this.nodes > MOST_NODES || open.includes(reference);
    const target = isCut ? undefined : pointedAt(this.root, reference);
    const rest = this.schema(beside, depth, open);
    if (!isJsonObject(target)) return rest;
    const whole = this.schema(target, depth + 1, [...open, reference]);
    return isJsonObject(whole) && isJsonObject(rest) ? { ...whole, ...rest } : whole;
  }
}

/** What a JSON pointer (RFC 6901) in a fragment names; undefined: nothing, or something outside of this document. */
function pointedAt(root: unknown, reference: string): unknown {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let found = root;
  for (const step of reference.slice(2).split('/')) {
    const name = unescaped(step);
    if (name === null || typeof found !== 'object' || found === null) return undefined;
    found = ownValue(found as JsonObject, name);
  }
  return found;
}

function unescaped(step: string): string | null {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return null;
  }
}
