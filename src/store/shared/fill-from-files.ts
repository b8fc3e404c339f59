import * as v from 'valibot';
import type { Sealing } from '../database/sealing.js';
import type { Statements } from '../database/statements.js';
import type { DataDirectory } from '../disk/directory.js';
import { isJsonObject, type JsonObject, ownValue } from '../ground/json.js';
import { changedKeys } from '../keys/key-file.js';
import { settingsLayers } from '../settings/settings.js';
import { API_KEY, CLIENT, ClientSchema, DEFAULT_CLIENT, FILL, sealedSetting } from './setting-cells.js';
import { soundJson } from './shared-table.js';

/** What was empty in the database and is not any more. */
export interface Filled {
  /** Keys of the settings. */
  readonly settings: readonly string[];
  /** Names of client keys. */
  readonly keys: readonly string[];
}

/**
 * Fills what is empty in the database with the OAuth clients and the API key of `settings.json`, and the client keys of
 * `keys.json`. What is there already stays, and the files stay.
 *
 * @throws {SettingsError | CannotRun} a file is not what it should be: nothing is filled then
 * @throws {DatabaseAway | StatementFailed}
 */
export async function fillFromFiles(
  statements: Statements,
  sealing: Sealing,
  places: Pick<DataDirectory, 'settings' | 'keys'>,
  env: NodeJS.ProcessEnv,
): Promise<Filled> {
  const { fromFile } = settingsLayers(places.settings, env);
  const { keys } = changedKeys(places.keys, new Map());
  return {
    settings: await fillSettings(statements, sealing, fromFile),
    keys: await fillKeys(statements, isJsonObject(keys) ? keys : {}),
  };
}

async function fillKeys(statements: Statements, keys: JsonObject): Promise<readonly string[]> {
  const text = 'insert into {client_key} (name, doc) values ($1, $2::jsonb) on conflict (name) do nothing';
  const filled: string[] = [];
  for (const [name, doc] of Object.entries(keys)) {
    if ((await statements.run(text, [name, soundJson(doc)])) > 0) filled.push(name);
  }
  return filled;
}

/**
 * Fills what is empty in the database with the clients and the key of a settings file.
 *
 * @param fromFile - what stands in the file
 * @returns the keys of the settings that were filled
 */
async function fillSettings(
  statements: Statements,
  sealing: Sealing,
  fromFile: JsonObject,
): Promise<readonly string[]> {
  const filled: string[] = [];
  for (const [key, value] of ownValues(fromFile)) {
    if ((await statements.run(FILL, sealedSetting(sealing, key, value))) > 0) filled.push(key);
  }
  return filled;
}

function ownValues({ oauth, proxy }: JsonObject): readonly (readonly [key: string, value: unknown])[] {
  const found: [string, unknown][] = [];
  const clients = isJsonObject(oauth) ? ownValue(oauth, 'clients') : undefined;
  for (const [name, client] of Object.entries(isJsonObject(clients) ? clients : {})) {
    const read = v.safeParse(ClientSchema, client);
    if (read.success && read.output.id !== '') found.push([`${CLIENT}${name}`, read.output]);
  }
  const standard = isJsonObject(oauth) ? ownValue(oauth, 'defaultClient') : undefined;
  if (typeof standard === 'string') found.push([DEFAULT_CLIENT, standard]);
  const key = isJsonObject(proxy) ? ownValue(proxy, 'apiKey') : undefined;
  if (typeof key === 'string' && key !== '') found.push([API_KEY, key]);
  return found;
}
