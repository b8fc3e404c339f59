import { saying } from '../../store/words/saying.js';
import * as v from 'valibot';
import { CannotRun } from '../../store/ground/errors.js';
import { parseExactly } from '../../store/ground/exact-json.js';
import { isJsonObject, type JsonObject } from '../../store/ground/json.js';

/** Not a record of valibot, which leaves out keys such as `constructor`. */
const object = v.custom<JsonObject>(isJsonObject);

const isClient = (client: unknown): boolean =>
  isJsonObject(client) && typeof client.id === 'string' && typeof client.secret === 'string';

type Clients = Readonly<Record<string, { readonly id: string; readonly secret: string }>>;

/** What `regrant export` writes and `regrant import` reads. */
const DocumentSchema = v.object({
  schema: v.number(),
  regrant: v.string(),
  accounts: v.array(object),
  clients: v.custom<Clients>((clients) => isJsonObject(clients) && Object.values(clients).every(isClient)),
  keys: v.custom<Readonly<Record<string, JsonObject>>>(
    (keys) => isJsonObject(keys) && Object.values(keys).every(isJsonObject),
  ),
  settings: object,
});
export type ExportDocument = Readonly<v.InferOutput<typeof DocumentSchema>>;

export const EXPORT_SCHEMA = 1;

/** Settings that are about this machine, and stay on it. */
const ownToMachine = [
  ...['proxy.host', 'proxy.port', 'proxy.allowedHosts', 'proxy.trustedProxies', 'notify.command'],
  ...['network', 'log', 'ui', 'database'],
];

/** The settings of a file without the machine's own and without the OAuth clients, which go by themselves. */
export function movedSettings(fromFile: JsonObject): JsonObject {
  const away = new Set([...ownToMachine, 'oauth.clients']);
  const sections = Object.entries(fromFile).flatMap(([name, keys]): [string, unknown][] => {
    if (away.has(name)) return [];
    if (!isJsonObject(keys)) return [[name, keys]];
    const kept = Object.entries(keys).filter(([key]) => !away.has(`${name}.${key}`));
    return kept.length === 0 ? [] : [[name, Object.fromEntries(kept)]];
  });
  return Object.fromEntries(sections);
}

/** null: there is none in the text. */
function objectOf(text: string): JsonObject | null {
  try {
    return parseExactly(text);
  } catch {
    return null;
  }
}

/**
 * The document in a text, with every digit of its numbers; null: the text is something else.
 *
 * @throws {CannotRun} a newer version wrote it
 */
export function documentIn(text: string): ExportDocument | null {
  const json = objectOf(text);
  if (json === null || typeof json.schema !== 'number' || typeof json.regrant !== 'string') return null;
  if (json.schema > EXPORT_SCHEMA) {
    throw new CannotRun(
      'NEWER_EXPORT',
      saying(
        'regrant {version} wrote this export in a form that this version does not know (schema {schema}); nothing was done',
        { version: json.regrant, schema: json.schema },
      ),
    );
  }
  const parsed = v.safeParse(DocumentSchema, json);
  return parsed.success ? parsed.output : null;
}
