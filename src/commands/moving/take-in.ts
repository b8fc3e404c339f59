import { reason, saying } from '../../store/words/saying.js';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { dataDirectoryPath, prepareDirectory } from '../../store/disk/directory.js';
import { systemDisk } from '../../store/disk/disk.js';
import { createDurably } from '../../store/disk/durable.js';
import type { Saying } from '../../store/ground/errors.js';
import { printExactly } from '../../store/ground/exact-json.js';
import { isJsonObject, ownValue, setOwn, type JsonObject } from '../../store/ground/json.js';
import { changedKeys, readKeys, writeKeys } from '../../store/keys/key-file.js';
import { layOverSettings, settingsLayers } from '../../store/settings/settings.js';
import type { Context } from '../context.js';
import { movedSettings, type ExportDocument } from './export-document.js';

/** What came in beside the living accounts, and what stayed as it was here. */
export interface TakenIn {
  readonly clients: number;
  readonly keys: number;
  readonly settings: number;
  /** How many disabled accounts. */
  readonly disabled: number;
  /** Disabled accounts that could not be taken in, and why. */
  readonly failed: readonly { readonly name: string; readonly reason: Saying }[];
}

/**
 * Takes in what an export has beside its living accounts: OAuth clients, client keys and settings that are not set here, and
 * disabled accounts, which nobody is asked about. What stands here already stays.
 *
 * @throws {SettingsError} a client, key or setting of it is not allowed here, and then nothing is taken in; or a file
 * cannot be written
 */
export async function takeIn(context: Context, document: ExportDocument): Promise<TakenIn> {
  const places = prepareDirectory(dataDirectoryPath(context.dataDir, context.env), context.env);
  const { fromFile } = settingsLayers(places.settings, context.env);
  const clients = clientsToAdd(document, fromFile);
  const settings = settingsToAdd(movedSettings(document.settings), fromFile);
  const there = readKeys(places.keys);
  const keys = new Map(Object.entries(document.keys).filter(([name]) => !there.has(name)));
  changedKeys(places.keys, keys);
  if (clients.length + settings.length > 0) {
    layOverSettings(places.settings, context.env, laidOver(clients, settings), 'the export');
  }
  if (keys.size > 0) await writeKeys(places.keys, keys, systemDisk);
  const taken = { clients: clients.length, keys: keys.size, settings: settings.length };
  return { ...taken, ...(await placedAll(places.accounts, document.accounts.filter(isDisabled))) };
}

export const isDisabled = (account: JsonObject): boolean => account.disabled === true;

/** What an account of an export is called. */
export const nameOf = ({ email }: JsonObject): string => (typeof email === 'string' ? email : 'an account');

const sectionOf = (json: JsonObject, name: string): JsonObject => {
  const section = ownValue(json, name);
  return isJsonObject(section) ? section : {};
};

/** The clients that have an id there and none here. */
function clientsToAdd({ clients }: ExportDocument, fromFile: JsonObject): readonly (readonly [string, JsonObject])[] {
  const known = sectionOf(sectionOf(fromFile, 'oauth'), 'clients');
  const isSet = (client: unknown): boolean => isJsonObject(client) && client.id !== '';
  return Object.entries(clients)
    .filter(([name, { id }]) => id !== '' && !isSet(ownValue(known, name)))
    .map(([name, { id, secret }]) => [name, { id, secret }] as const);
}

/** A setting that is not set here: a key of a section, or something else at the top, which then has no section. */
interface Added {
  readonly section: string | null;
  readonly key: string;
  readonly value: unknown;
}

function settingsToAdd(settings: JsonObject, fromFile: JsonObject): readonly Added[] {
  return Object.entries(settings).flatMap(([section, keys]): Added[] => {
    const here = ownValue(fromFile, section);
    if (!isJsonObject(keys)) return here === undefined ? [{ section: null, key: section, value: keys }] : [];
    if (here !== undefined && !isJsonObject(here)) return [];
    return Object.entries(keys)
      .filter(([key]) => here === undefined || !Object.hasOwn(here, key))
      .map(([key, value]) => ({ section, key, value }));
  });
}

function laidOver(clients: readonly (readonly [string, JsonObject])[], settings: readonly Added[]): JsonObject {
  const over: JsonObject = {};
  for (const { section, key, value } of settings) {
    if (section === null) setOwn(over, key, value);
    else setOwn(over, section, { ...sectionOf(over, section), [key]: value });
  }
  if (clients.length > 0) over.oauth = { ...sectionOf(over, 'oauth'), clients: Object.fromEntries(clients) };
  return over;
}

async function placedAll(
  folder: string,
  accounts: readonly JsonObject[],
): Promise<Pick<TakenIn, 'disabled' | 'failed'>> {
  const failed: TakenIn['failed'][number][] = [];
  let disabled = 0;
  for (const account of accounts) {
    const why = noFileOf(account) ?? (await notPlaced(fileOf(folder, account), account));
    if (why === null) disabled++;
    else if (why !== STANDS_HERE) failed.push({ name: nameOf(account), reason: why });
  }
  return { disabled, failed };
}

/** What may be the stem of an account file's name here: nothing that leads out of the folder. */
const ACCOUNT_ID = /^[\w@+-][\w.@+-]{0,199}$/;

/** Why an account of an export cannot have a file; null: it can. */
export const noFileOf = ({ id }: JsonObject): Saying | null =>
  typeof id === 'string' && ACCOUNT_ID.test(id) ? null : saying('its id cannot be the name of a file here');

const fileOf = (folder: string, { id }: JsonObject): string => path.join(folder, `${String(id)}.json`);

const STANDS_HERE = 'stands here';

/** @returns why the account has no file now that says this; null: it has */
async function notPlaced(file: string, account: JsonObject): Promise<Saying | typeof STANDS_HERE | null> {
  if (existsSync(file)) return STANDS_HERE;
  try {
    await createDurably(file, printExactly(account), systemDisk);
    return null;
  } catch (error) {
    return existsSync(file) ? STANDS_HERE : saying('its file cannot be written: {why}', { why: reason(error) });
  }
}
