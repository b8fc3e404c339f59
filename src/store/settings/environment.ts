import { type JsonObject, isJsonObject, jsonOf, ownValue, setOwn } from '../ground/json.js';
import { defaultSettings } from './schema.js';
import { isSecretSetting, type SaidSecret, secretSaid, variablesSaid } from './secret-settings.js';

/** `refreshAheadSeconds` → `REFRESH_AHEAD_SECONDS`, `my-app` → `MY_APP`. */
const upperSnake = (key: string): string =>
  key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();
export interface EnvironmentSettings {
  readonly values: JsonObject;
  /** Setting's path → the environment variable or file that set it, for error messages. */
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Settings from `REGRANT_…` variables: one for each key of the defaults, and two for each OAuth client; a secret may be
 * in a file instead.
 *
 * @throws {SettingsError} such a file cannot be read
 */
export function environmentSettings(env: NodeJS.ProcessEnv, fromFile: JsonObject): EnvironmentSettings {
  const names = new Map<string, string>();
  const values: JsonObject = {};
  for (const [section, keys] of Object.entries(defaultSettings)) {
    for (const [key, standard] of Object.entries(keys as JsonObject)) {
      const name = `REGRANT_${upperSnake(section)}_${upperSnake(key)}`;
      const said = key === 'clients' ? null : saidOf(env, name, `${section}.${key}`);
      if (said === null) continue;
      put(values, [section, key], converted(said.value, standard));
      names.set(`${section}.${key}`, said.from);
    }
  }
  for (const name of variablesSaid(env)) {
    const [, client, part] = /^REGRANT_OAUTH_CLIENTS_([A-Z0-9_]+)_(ID|SECRET)$/.exec(name) ?? [];
    if (client === undefined || part === undefined) continue;
    const known = clientNames(fromFile).find((known) => upperSnake(known) === client);
    const key = ['oauth', 'clients', known ?? client.toLowerCase().replaceAll('_', '-'), part.toLowerCase()];
    const said = saidOf(env, name, key.join('.'));
    if (said === null) continue;
    put(values, key, said.value);
    names.set(key.join('.'), said.from);
  }
  return { values, names };
}

/** A variable's value, or that of a secret; null: it is not set. */
function saidOf(env: NodeJS.ProcessEnv, variable: string, key: string): SaidSecret | null {
  if (isSecretSetting(key)) return secretSaid(env, variable);
  const value = env[variable];
  return value === undefined ? null : { value, from: variable };
}

function clientNames(fromFile: JsonObject): string[] {
  const oauth = fromFile.oauth;
  const clients = isJsonObject(oauth) ? oauth.clients : undefined;
  return ['default', ...(isJsonObject(clients) ? Object.keys(clients) : [])];
}

function put(values: JsonObject, key: readonly string[], value: unknown): void {
  let at = values;
  for (const part of key.slice(0, -1)) {
    const below = ownValue(at, part);
    const next = isJsonObject(below) ? below : {};
    setOwn(at, part, next);
    at = next;
  }
  setOwn(at, key.at(-1) ?? '', value);
}

const flags: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/**
 * The text of a variable converted to the type of its setting; a text that cannot be converted stays text, and the
 * schema refuses it.
 */
function converted(value: string, standard: unknown): unknown {
  if (typeof standard === 'number')
    return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
  if (typeof standard === 'boolean') return flags.get(value.toLowerCase()) ?? value;
  return typeof standard === 'object' ? (jsonOf(value) ?? value) : value;
}
