/**
 * The settings as a JSON schema for editors, made from the schema that the program itself reads them by: with each
 * setting's default, and what docs/reference.md says of it.
 */
import { toJsonSchema } from '@valibot/to-json-schema';

const without = (key, schema) => Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the table of settings in the reference says of each key. */
export function descriptionsIn(reference) {
  const rows = reference.matchAll(/^\| `([a-zA-Z.]+)` \| (?:[^|]+) \| ([^|]+) \| ((?:live|next start)[^|]*) \|$/gm);
  const plain = (text) => text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
  return new Map([...rows].map(([, key, what, when]) => [key, `${plain(what)} (${when})`]));
}

/** Puts defaults and descriptions in, and takes out that a key must be there: the file has only what was set. */
function dressed(schema, defaults, descriptions, key) {
  const { properties, ...rest } = schema;
  const description = descriptions.get(key);
  return {
    ...without('required', rest),
    ...(description !== undefined && { description }),
    ...(properties === undefined ? defaults !== undefined && { default: defaults } : { properties: below() }),
  };

  function below() {
    const entries = Object.entries(properties).map(([name, one]) => {
      const value = isObject(defaults) ? defaults[name] : undefined;
      return [name, dressed(one, value, descriptions, key === '' ? name : `${key}.${name}`)];
    });
    return Object.fromEntries(entries);
  }
}

/**
 * @param schema - valibot's, of all settings
 * @param defaults - the value of each where nothing sets it
 * @param reference - text of docs/reference.md
 */
export function settingsJsonSchema(schema, defaults, reference) {
  // what JSON Schema has no words for (a URL's host, a client that exists) is left to `regrant config check`
  const made = toJsonSchema(schema, { errorMode: 'ignore', target: 'draft-07' });
  const { properties, ...rest } = dressed(made, defaults, descriptionsIn(reference), '');
  const named = { $schema: { type: 'string', description: 'where an editor finds this schema; not read by regrant' } };
  return {
    ...rest,
    title: 'settings.json of regrant',
    properties: { ...named, ...properties },
  };
}
