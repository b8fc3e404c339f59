import path from 'node:path';
import { createDurably } from '../../store/disk/durable.js';
import { dataDirectoryPath, prepareDirectory } from '../../store/disk/directory.js';
import { printExactly } from '../../store/ground/exact-json.js';
import { isJsonObject, type JsonObject } from '../../store/ground/json.js';
import { readKeys, writeKey } from '../../store/keys/key-file.js';
import { addOAuthClient, saveSetting, settingsLayers } from '../../store/settings/settings.js';
import type { Context } from '../context.js';
import type { ExportDocument } from './export-document.js';

/** What came in beside the accounts, and what stayed as it was here. */
export interface TakenIn {
  readonly clients: number;
  readonly keys: number;
  readonly settings: number;
  readonly disabled: readonly string[];
}

/**
 * Takes in what an export has beside its living accounts: OAuth clients, client keys and settings that are not set here, and
 * disabled accounts, which nobody is asked about. What stands here already stays.
 */
export async function takeIn(context: Context, document: ExportDocument): Promise<TakenIn> {
  const places = prepareDirectory(dataDirectoryPath(context.dataDir, context.env), context.env);
  const { fromFile } = settingsLayers(places.settings, context.env);
  const oauth = isJsonObject(fromFile.oauth) ? fromFile.oauth : {};
  const known = isJsonObject(oauth.clients) ? oauth.clients : {};
  const clients = Object.entries(document.clients).filter(([name, { id }]) => id !== '' && !isSet(known[name]));
  for (const [name, { id, secret }] of clients) addOAuthClient(places.settings, name, { id, secret });
  const settings = leaves(document.settings).filter(([section, key]) => !hasKey(fromFile, section, key));
  for (const [section, key, value] of settings) {
    saveSetting(places.settings, context.env, `${section}.${key.replaceAll('.', '\\.')}`, value);
  }
  const there = readKeys(places.keys);
  const keys = Object.entries(document.keys).filter(([name]) => !there.has(name));
  for (const [name, key] of keys) await writeKey(places.keys, name, key);
  const disabled: string[] = [];
  for (const account of document.accounts.filter(isDisabled)) {
    if (await placed(places.accounts, account)) disabled.push(String(account.email));
  }
  return { clients: clients.length, keys: keys.length, settings: settings.length, disabled };
}

export const isDisabled = (account: JsonObject): boolean => account.disabled === true;

const isSet = (client: unknown): boolean => isJsonObject(client) && client.id !== '';

const hasKey = (fromFile: JsonObject, section: string, key: string): boolean => {
  const keys = fromFile[section];
  return isJsonObject(keys) && Object.hasOwn(keys, key);
};

const leaves = (settings: JsonObject): readonly (readonly [section: string, key: string, value: unknown])[] =>
  Object.entries(settings).flatMap(([section, keys]) =>
    isJsonObject(keys) ? Object.entries(keys).map(([key, value]) => [section, key, value] as const) : [],
  );

/** What may be the stem of an account file's name here: nothing that leads out of the folder. */
const ACCOUNT_ID = /^[\w@+-][\w.@+-]{0,199}$/;

/** @returns false: a file of this name stands there */
async function placed(folder: string, account: JsonObject): Promise<boolean> {
  const { id } = account;
  if (typeof id !== 'string' || !ACCOUNT_ID.test(id)) return false;
  try {
    await createDurably(path.join(folder, `${id}.json`), printExactly(account));
    return true;
  } catch {
    return false;
  }
}
