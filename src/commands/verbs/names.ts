/**
 * Names for completion: read from the files, or from the database where boxes share one, whether or not a supervisor
 * runs; where they cannot be read there are none.
 */
import path from 'node:path';
import * as v from 'valibot';
import type { Statements } from '../../store/database/statements.js';
import { trashedIn } from '../../store/files/trash.js';
import { isJsonObject, type JsonObject } from '../../store/ground/json.js';
import type { DatabaseSettings } from '../../store/settings/database-section.js';
import { settingsLayers } from '../../store/settings/settings.js';
import { defaultSettings } from '../../store/settings/schema.js';
import type { Context } from '../context.js';
import { onPool } from '../pool/pool-settings.js';
import { placesOf } from '../places.js';
import { accountFilesIn, objectIn } from '../readable-files.js';
import { ownValue } from '../../store/ground/json.js';

const sectionOf = (json: JsonObject, name: string): JsonObject => {
  const section = ownValue(json, name);
  return isJsonObject(section) ? section : {};
};

export const accountNames = async (context: Context): Promise<readonly string[]> =>
  (await namesInPool(context, 'select distinct email as name from {account} where removed_at is null')) ??
  accountNamesInFiles(context);

function accountNamesInFiles(context: Context): readonly string[] {
  const { accounts } = placesOf(context);
  return accountFilesIn(accounts).flatMap((file) => {
    const { email } = objectIn(path.join(accounts, file));
    return typeof email === 'string' ? [email] : [];
  });
}

export const oauthClientNames = async (context: Context): Promise<readonly string[]> =>
  (await namesInPool(
    context,
    `select substr(key, length('oauth.clients.') + 1) as name from {setting} where key like 'oauth.clients.%'`,
  )) ?? Object.keys(sectionOf(sectionOf(objectIn(placesOf(context).settings), 'oauth'), 'clients'));

export const keyNames = async (context: Context): Promise<readonly string[]> => [
  'default',
  ...((await namesInPool(context, 'select name from {client_key}')) ??
    Object.keys(sectionOf(objectIn(placesOf(context).keys), 'keys'))),
];

/** The aliases of models in the settings; asking an upstream would take too long for completion. */
export const modelNames = (context: Context): readonly string[] =>
  Object.keys(sectionOf(sectionOf(objectIn(placesOf(context).settings), 'models'), 'aliases'));

export const settingNames = (): readonly string[] => keysBelow('', defaultSettings);

function keysBelow(prefix: string, value: unknown): readonly string[] {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return [prefix];
  return Object.entries(value).flatMap(([key, below]) => keysBelow(prefix === '' ? key : `${prefix}.${key}`, below));
}

export const trashedNames = async (context: Context): Promise<readonly string[]> =>
  (
    (await inPool(context, async (statements) => {
      const { trashedInPool } = await import('../../store/database/trash/trashed-in-pool.js');
      return trashedInPool(statements);
    })) ?? trashedIn(placesOf(context).trash)
  ).map(({ name }) => name);

const NameRow = v.object({ name: v.string() });

/** null: no database is set. */
const namesInPool = async (context: Context, text: string): Promise<readonly string[] | null> =>
  (await inPool(context, (statements) => statements.rows(NameRow, text)))?.map(({ name }) => name) ?? null;

async function inPool<Row>(
  context: Context,
  read: (statements: Pick<Statements, 'rows'>) => Promise<readonly Row[]>,
): Promise<readonly Row[] | null> {
  const database = databaseOf(context);
  return database === null ? null : onPool(context, database, (pool) => read(pool.database)).catch(() => []);
}

/** null: none is set, or the settings cannot be read. */
function databaseOf(context: Context): DatabaseSettings | null {
  try {
    const { database } = settingsLayers(placesOf(context).settings, context.env).settings;
    return database.url === '' ? null : database;
  } catch {
    return null;
  }
}
