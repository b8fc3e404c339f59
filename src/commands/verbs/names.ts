/**
 * Names for completion: read from the files, whether or not a supervisor runs; where a file cannot be read there are
 * none.
 */
import path from 'node:path';
import { trashedIn } from '../../store/files/trash.js';
import { isJsonObject, type JsonObject } from '../../store/ground/json.js';
import { defaultSettings } from '../../store/settings/schema.js';
import type { Context } from '../context.js';
import { placesOf } from '../places.js';
import { accountFilesIn, objectIn } from '../readable-files.js';
import { ownValue } from '../../store/ground/json.js';

const sectionOf = (json: JsonObject, name: string): JsonObject => {
  const section = ownValue(json, name);
  return isJsonObject(section) ? section : {};
};

export function accountNames(context: Context): readonly string[] {
  const { accounts } = placesOf(context);
  return accountFilesIn(accounts).flatMap((file) => {
    const { email } = objectIn(path.join(accounts, file));
    return typeof email === 'string' ? [email] : [];
  });
}

export const oauthClientNames = (context: Context): readonly string[] =>
  Object.keys(sectionOf(sectionOf(objectIn(placesOf(context).settings), 'oauth'), 'clients'));

export const keyNames = (context: Context): readonly string[] => [
  'default',
  ...Object.keys(sectionOf(objectIn(placesOf(context).keys), 'keys')),
];

/** The aliases of models in the settings; asking an upstream would take too long for completion. */
export const modelNames = (context: Context): readonly string[] =>
  Object.keys(sectionOf(sectionOf(objectIn(placesOf(context).settings), 'models'), 'aliases'));

export const settingNames = (): readonly string[] => keysBelow('', defaultSettings);

function keysBelow(prefix: string, value: unknown): readonly string[] {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return [prefix];
  return Object.entries(value).flatMap(([key, below]) => keysBelow(prefix === '' ? key : `${prefix}.${key}`, below));
}

export const trashedNames = (context: Context): readonly string[] =>
  trashedIn(placesOf(context).trash).map(({ name }) => name);
