import { type JsonObject, isJsonObject } from '../../../../store/ground/json.js';

/** Keywords that pass unchanged, with the type that their value must have. */
const PLAIN: Readonly<Record<string, 'string' | 'number' | 'any'>> = {
  title: 'string',
  description: 'string',
  pattern: 'string',
  minItems: 'number',
  maxItems: 'number',
  minProperties: 'number',
  maxProperties: 'number',
  minLength: 'number',
  maxLength: 'number',
  minimum: 'number',
  maximum: 'number',
  default: 'any',
};

/**
 * A JSON schema without references, in the protobuf Schema of Code Assist, which refuses every unknown keyword. That
 * form can say less: keywords that it lacks are left out, so it never forbids what the schema allows.
 */
export function protobufSchema(schema: unknown): JsonObject {
  if (!isJsonObject(schema)) return {};
  const whole = withParts(schema);
  const plain = Object.entries(whole).filter(([keyword, value]) => {
    const wanted = Object.hasOwn(PLAIN, keyword) ? PLAIN[keyword] : undefined;
    return wanted === 'any' || (wanted !== undefined && typeof value === wanted);
  });
  const types = [whole.type].flat().filter((type): type is string => typeof type === 'string');
  const named = types.filter((type) => type !== 'null');
  const choices = choicesOf(whole, named);
  return {
    ...Object.fromEntries(plain),
    ...(named.length === 1 && { type: named[0] }),
    ...(named.length < types.length && { nullable: true }),
    ...enumOf(whole),
    ...(choices.length > 0 && { anyOf: choices }),
    ...(isJsonObject(whole.items) && { items: protobufSchema(whole.items) }),
    ...propertiesOf(whole),
  };
}

/** A schema with every part of `allOf` merged into it. */
function withParts(schema: JsonObject): JsonObject {
  if (!Array.isArray(schema.allOf)) return schema;
  let whole = schema;
  for (const part of schema.allOf) {
    if (!isJsonObject(part)) continue;
    const one = withParts(part);
    whole = {
      ...{ ...one, ...whole },
      ...((isJsonObject(one.properties) || isJsonObject(whole.properties)) && {
        properties: { ...(one.properties as JsonObject | undefined), ...(whole.properties as JsonObject | undefined) },
      }),
      ...((Array.isArray(one.required) || Array.isArray(whole.required)) && {
        required: [...listOf(whole.required), ...listOf(one.required)],
      }),
    };
  }
  return whole;
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The choices of a schema: several types, `anyOf` and `oneOf`; `null` among them is put as `nullable`. */
function choicesOf(schema: JsonObject, types: readonly string[]): JsonObject[] {
  if (types.length > 1) return types.map((type) => ({ type }));
  const list = [...listOf(schema.anyOf), ...listOf(schema.oneOf)];
  return list.filter((one) => isJsonObject(one) && one.type !== 'null').map(protobufSchema);
}

/** The values of an enumeration. They are strings here, so an enumeration of other values is left out. */
function enumOf({ enum: values, const: only }: JsonObject): JsonObject {
  const list = Array.isArray(values) ? (values as unknown[]) : only === undefined ? [] : [only];
  return list.length > 0 && list.every((value) => typeof value === 'string') ? { enum: list } : {};
}

function propertiesOf({ properties, required }: JsonObject): JsonObject {
  if (!isJsonObject(properties)) return {};
  const names = listOf(required).filter((name) => typeof name === 'string' && Object.hasOwn(properties, name));
  return {
    properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, protobufSchema(one)])),
    ...(names.length > 0 && { required: [...new Set(names)] }),
  };
}
