import { read, reason, saying } from '../words/saying.js';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { claimedText, makeWhereNone } from '../disk/claim.js';
import { CannotRun, systemCode, type Saying } from '../ground/errors.js';
import { printExactly } from '../ground/exact-json.js';
import { isJsonObject, NotJson, ownValue, parseJson, setOwn, withoutMark, type JsonObject } from '../ground/json.js';
import { redact } from '../ground/redact.js';
import { defaultSettings, GivenClientSchema, SettingsSchema, type GivenClient, type Settings } from './schema.js';
import { openConf } from './conf-file.js';
import { environmentSettings, type EnvironmentSettings } from './environment.js';
import { notWritten, SettingsError, SettingsNotWritten } from './settings-error.js';
import { isSetting } from './setting-kinds.js';
import { asInFile, pathText, settingPath } from './setting-path.js';
import { type SharedValues, withShared } from './shared-values.js';

export type { GivenClient, Settings } from './schema.js';
export { isLoopback } from './schema.js';
export { SettingsError } from './settings-error.js';

/**
 * Reads `settings.json` and the environment over the defaults, in memory only. Makes the API key at the first start and
 * writes nothing else.
 *
 * @throws {SettingsError} names the key, its value and what is allowed
 */
export function loadSettings(file: string, env: NodeJS.ProcessEnv): Settings {
  const fromFile = readSettingsFile(file);
  const settings = settingsOf(fromFile, file, environmentSettings(env, fromFile));
  // boxes that share a pool share its key too
  if (settings.proxy.apiKey !== '' || settings.database.url !== '') return settings;
  return { ...settings, proxy: { ...settings.proxy, apiKey: firstApiKey(file) } };
}

/**
 * Makes the API key and saves it in the file. Several programs may need it at once (`regrant --headless & eval
 * "$(regrant env)"`): the first to claim it makes it, and the others take and save that one, even where the first
 * crashed before it could.
 */
function firstApiKey(file: string): string {
  const claim = path.join(path.dirname(file), API_KEY_CLAIM);
  // a first file is made in one step, and without conf, which is of thirty files
  if (!existsSync(claim)) makeWhereNone(file, printExactly({ proxy: { apiKey: newApiKey() } }));
  const atOnce = keyInFile(file);
  if (atOnce !== '') return atOnce;
  const lost = saying('the API key made for the proxy has to be kept there');
  let claimed: string | null = null;
  try {
    while (claimed === null) claimed = claimedText(claim, newApiKey());
  } catch (error) {
    throw new CannotRun('SETTINGS_NOT_WRITTEN', reason(notWritten(file, error, lost)));
  }
  // the claim is released only once its key is in the file
  const kept = keyInFile(file);
  try {
    if (kept === '') writeSettings(file, { 'proxy.apiKey': claimed }, lost);
  } catch (error) {
    throw error instanceof SettingsNotWritten ? new CannotRun('SETTINGS_NOT_WRITTEN', reason(error)) : error;
  }
  rmSync(claim, { force: true });
  return kept === '' ? claimed : kept;
}

function keyInFile(file: string): string {
  const { proxy } = readSettingsFile(file);
  return isJsonObject(proxy) && typeof proxy.apiKey === 'string' ? proxy.apiKey : '';
}

/** Name of the file by which a process claims the right to make the API key. */
const API_KEY_CLAIM = '.regrant-api-key';

/**
 * Makes sure that what somebody typed can be an OAuth client. Stricter than the reading of the file, because here it is
 * known which field each text was meant for.
 *
 * @throws {SettingsError} says what is wrong with it, and shows no secret
 */
export function checkGivenClient(client: GivenClient): void {
  const result = v.safeParse(GivenClientSchema, client);
  if (!result.success) throw new SettingsError(read(result.issues[0].message));
}

/**
 * Sets an OAuth client's id and secret in the file, creating it (0600) where there is none; every other key stays as it
 * is, and nothing of the defaults or the environment is written.
 *
 * @returns the settings as they are from now on: the environment still overrides the file
 * @throws {SettingsError} what was given is not allowed, or the file cannot be read or written; nothing is changed then
 */
export function saveOAuthClient(file: string, env: NodeJS.ProcessEnv, client: GivenClient): Settings {
  checkGivenClient(client);
  const { name, id, secret } = client;
  const settings = laidOver(readSettingsFile(file), { oauth: { clients: { [name]: { id, secret } } } }, file, env);
  writeSettings(file, clientKeys(name, client), saying('the OAuth client is not saved'));
  return settings;
}

/**
 * Saves another API key of the proxy in the file.
 *
 * @throws {SettingsError} it cannot be written, or the environment overrides it with another one
 */
export function saveApiKey(file: string, env: NodeJS.ProcessEnv, key: string): void {
  apiKeyIsFree(env);
  writeSettings(file, { 'proxy.apiKey': key }, saying('the new API key is not kept'));
}

/** @throws {SettingsError} the environment says which API key it is */
export function apiKeyIsFree(env: NodeJS.ProcessEnv): void {
  if (!environmentSettings(env, {}).names.has('proxy.apiKey')) return;
  throw new SettingsError(
    saying('REGRANT_PROXY_API_KEY says which key it is, so another one in the settings would not hold'),
  );
}

export const newApiKey = (): string => `sk-${randomBytes(24).toString('base64url')}`;

/** The layers that the settings come from, each over the one before, and the result. */
export interface SettingsLayers {
  readonly fromFile: JsonObject;
  /** Setting's path → the environment variable that set it. */
  readonly variables: ReadonlyMap<string, string>;
  readonly settings: Settings;
  /** Whether what boxes share of them lies in a database. */
  readonly isShared: boolean;
}

/** Reads the settings and writes nothing, not even a first API key. @throws {SettingsError} as `loadSettings` */
export function settingsLayers(
  file: string,
  env: NodeJS.ProcessEnv,
  shared: SharedValues | null = null,
): SettingsLayers {
  const fromFile = withShared(readSettingsFile(file), shared);
  const fromEnvironment = environmentSettings(env, fromFile);
  const settings = settingsOf(fromFile, file, fromEnvironment);
  return { fromFile, variables: fromEnvironment.names, settings, isShared: shared !== null };
}

/**
 * Sets one key in the file; every other stays as it is.
 *
 * @param key - its path; a dot within a name is `\\.`
 * @throws {SettingsError} the resulting settings are not allowed, or the file cannot be read or written; nothing is
 * changed then
 */
export function saveSetting(file: string, env: NodeJS.ProcessEnv, key: string, value: unknown): void {
  const fromFile = readSettingsFile(file);
  const names = asInFile(settingPath(key), fromFile);
  const given = names.reduceRight<unknown>((below, name) => ({ [name]: below }), value) as JsonObject;
  if (!isSetting(names)) {
    throw new SettingsError(saying('there is no setting {key}; `regrant config show` lists them', { key }));
  }
  laidOver(fromFile, given, file, env);
  writeSettings(file, { [pathText(names)]: value }, NOT_KEPT);
}

const NOT_KEPT = saying('the setting is not kept');

/**
 * Takes one key out of the file, so that its default holds; every other stays as it is.
 *
 * @throws {SettingsError} the file cannot be read or written; nothing is changed then
 */
export function unsetSetting(file: string, key: string): void {
  readSettingsFile(file);
  try {
    openConf(file).delete(key);
  } catch (error) {
    throw notWritten(file, error, NOT_KEPT);
  }
}

/**
 * Lays settings over those of the file, in one write; keys that nobody knows are kept on both sides.
 *
 * @param from - where they come from, for the error
 * @throws {SettingsError} the resulting settings are not allowed, or the file cannot be read or written; nothing is
 * changed then
 */
export function layOverSettings(file: string, env: NodeJS.ProcessEnv, over: JsonObject, from: string): void {
  const fromFile = readSettingsFile(file);
  laidOver(fromFile, over, from, env);
  try {
    openConf(file).store = merge(fromFile, over);
  } catch (error) {
    throw notWritten(file, error, saying('the settings of {from} are not kept', { from }));
  }
}

/** The settings once these keys lie over those of the file. @throws {SettingsError} they are not allowed */
function laidOver(fromFile: JsonObject, over: JsonObject, from: string, env: NodeJS.ProcessEnv): Settings {
  const merged = merge(fromFile, over);
  return settingsOf(merged, from, environmentSettings(env, merged));
}

/** The file's settings, over the defaults and under the environment. @param file - what they are called in an error */
function settingsOf(fromFile: JsonObject, file: string, fromEnvironment: EnvironmentSettings): Settings {
  const settings = parse(merge(merge(defaultSettings, fromFile), fromEnvironment.values), file, fromEnvironment.names);
  const { clients, defaultClient } = settings.oauth;
  if (!Object.hasOwn(clients, defaultClient)) {
    const from = fromEnvironment.names.get('oauth.defaultClient') ?? file;
    throw new SettingsError(
      saying('{from}: {key} is {value}; allowed: {allowed} (the names in oauth.clients)', {
        ...{ from, key: 'oauth.defaultClient', value: shown('oauth.defaultClient', defaultClient) },
        allowed: Object.keys(clients).join(', '),
      }),
    );
  }
  return settings;
}

/** Saves a new OAuth client in the settings file. @throws {SettingsError} it cannot be written */
export function addOAuthClient(file: string, name: string, client: { readonly id: string; readonly secret: string }) {
  writeSettings(file, clientKeys(name, client), saying('the OAuth client that came with a token has to be kept there'));
}

const clientKeys = (name: string, { id, secret }: { readonly id: string; readonly secret: string }) => ({
  [`oauth.clients.${name}.id`]: id,
  [`oauth.clients.${name}.secret`]: secret,
});

/** Parses the settings. The error does not quote the text, which has secrets. */
function parseSettings(text: string, file: string): JsonObject {
  const parsed = parseJson(withoutMark(text));
  return isJsonObject(parsed) ? parsed : parse(parsed, file, new Map());
}

function readSettingsFile(file: string): JsonObject {
  try {
    return parseSettings(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return {};
    if (error instanceof SettingsError) throw error;
    throw new SettingsError(
      error instanceof NotJson
        ? saying('{file} is {fault}; mend it, or move it away to start anew', { file, fault: read(error.message) })
        : saying('{file} cannot be read: {why}; mend it, or move it away to start anew', { file, why: reason(error) }),
    );
  }
}

/**
 * Sets keys in the file, in one write, creating it (0600) where there is none; every other key stays as it is.
 *
 * @param lost - what is lost if it cannot be written, for the error
 */
function writeSettings(file: string, values: Readonly<Record<string, unknown>>, lost: Saying): void {
  try {
    openConf(file).set(values);
  } catch (error) {
    throw notWritten(file, error, lost);
  }
}

/** `over` laid on `base`, key by key and deeply; lists and plain values replace what they lie on. */
function merge(base: JsonObject, over: JsonObject): JsonObject {
  const merged: JsonObject = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = ownValue(merged, key);
    setOwn(merged, key, isJsonObject(below) && isJsonObject(value) ? merge(below, value) : value);
  }
  return merged;
}

function parse(merged: unknown, file: string, names: ReadonlyMap<string, string>): Settings {
  const result = v.safeParse(SettingsSchema, merged);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const key = v.getDotPath(issue) ?? 'the file';
  const from = sourceOf(key, names) ?? file;
  throw new SettingsError(
    saying('{from}: {key} is {value}; allowed: {allowed}', {
      ...{ from, key, value: shown(key, issue.input), allowed: read(issue.message) },
    }),
  );
}

/** The variable that set a key, or the list that it is an item of; undefined: none did. */
function sourceOf(key: string, names: ReadonlyMap<string, string>): string | undefined {
  const above = key.lastIndexOf('.');
  return names.get(key) ?? (above === -1 ? undefined : sourceOf(key.slice(0, above), names));
}

/** Paths where a secret is expected, and where one is if somebody put it a level too high. */
const MAY_BE_SECRET =
  /secret|apiKey|^database\.(?:url|key|oldKeys)|^(?:database|proxy|oauth|oauth\.clients(?:\.[^.]+)?|the file)$/i;

/** A wrong value as an error may show it. A client's wrong name may be shown, since the key has it too. */
function shown(key: string, value: unknown): string {
  const isName = key === `oauth.clients.${String(value)}`;
  if (MAY_BE_SECRET.test(key) && !isName && value !== null) return '(not shown)';
  return redact(JSON.stringify(value));
}
