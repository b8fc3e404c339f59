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
 * Settings from `REGRANT_…` variables: one for each key of the defaults (lists and maps as JSON), and two for each OAuth
 * client, over those of the map of all; a secret may be in a file instead.
 *
 * @throws {SettingsError} such a file cannot be read
 */
export function environmentSettings(env: NodeJS.ProcessEnv, fromFile: JsonObject): EnvironmentSettings {
  const said: EnvironmentSaid = { values: {}, names: new Map() };
  for (const { names, standard } of keysWithVariable) {
    const found = saidOf(env, `REGRANT_${names.map(upperSnake).join('_')}`, names.join('.'));
    if (found !== null) take(said, names, converted(found.value, standard), found.from);
  }
  const known = ['default', ...clientNames(fromFile), ...clientNames(said.values)];
  for (const name of variablesSaid(env)) {
    const [, client, part] = /^REGRANT_OAUTH_CLIENTS_([A-Z0-9_]+)_(ID|SECRET)$/.exec(name) ?? [];
    if (client === undefined || part === undefined) continue;
    const named = known.find((known) => upperSnake(known) === client) ?? client.toLowerCase().replaceAll('_', '-');
    const key = ['oauth', 'clients', named, part.toLowerCase()];
    const found = saidOf(env, name, key.join('.'));
    if (found !== null) take(said, key, found.value, found.from);
  }
  return said;
}

interface EnvironmentSaid extends EnvironmentSettings {
  readonly names: Map<string, string>;
}

/** The keys of the settings, and what each is by default; `accounts` is one, as what is in it has no names of ours. */
const keysWithVariable = Object.entries(defaultSettings).flatMap(([section, keys]) =>
  section === 'accounts'
    ? [{ names: [section], standard: keys }]
    : Object.entries(keys as JsonObject).map(([key, standard]) => ({ names: [section, key], standard })),
);

/** Takes a value in; of a map, each name in it has the variable too, as it lies among those of the file. */
function take({ values, names }: EnvironmentSaid, key: readonly string[], value: unknown, from: string): void {
  put(values, key, value);
  for (const path of pathsIn(key, value)) names.set(path.join('.'), from);
}

const pathsIn = (key: readonly string[], value: unknown): readonly (readonly string[])[] => [
  key,
  ...(isJsonObject(value) ? Object.entries(value).flatMap(([name, below]) => pathsIn([...key, name], below)) : []),
];

/** A variable's value, or that of a secret; null: it is not set. */
function saidOf(env: NodeJS.ProcessEnv, variable: string, key: string): SaidSecret | null {
  if (isSecretSetting(key)) return secretSaid(env, variable);
  const value = env[variable];
  return value === undefined ? null : { value, from: variable };
}

function clientNames(fromFile: JsonObject): string[] {
  const oauth = fromFile.oauth;
  const clients = isJsonObject(oauth) ? oauth.clients : undefined;
  return isJsonObject(clients) ? Object.keys(clients) : [];
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
