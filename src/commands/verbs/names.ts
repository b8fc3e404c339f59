/** What there is by name, for completion: read from the files, whatever runs; what cannot be read has no names. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isAccountFile } from '../../store/accounts/accounts-folder.js';
import { trashedIn } from '../../store/files/trash.js';
import { isJsonObject, jsonOf, type JsonObject } from '../../store/ground/json.js';
import { defaultSettings } from '../../store/settings/schema.js';
import type { Context } from '../context.js';
import { placesOf } from '../places.js';

function objectIn(file: string): JsonObject {
  try {
    const json = jsonOf(readFileSync(file, 'utf8'));
    return isJsonObject(json) ? json : {};
  } catch {
    return {};
  }
}

const sectionOf = (json: JsonObject, name: string): JsonObject => {
  const section = json[name];
  return isJsonObject(section) ? section : {};
};

export function accountNames(context: Context): readonly string[] {
  const { accounts } = placesOf(context);
  let files: string[];
  try {
    files = readdirSync(accounts).filter(isAccountFile);
  } catch {
    return [];
  }
  return files.flatMap((file) => {
    const { email } = objectIn(path.join(accounts, file));
    return typeof email === 'string' ? [email] : [];
  });
}

export const oauthClientNames = (context: Context): readonly string[] =>
  Object.keys(sectionOf(sectionOf(objectIn(placesOf(context).settings), 'oauth'), 'clients'));

export const keyNames = (context: Context): readonly string[] => [
  'default',
  ...Object.keys(sectionOf(objectIn(path.join(path.dirname(placesOf(context).settings), 'keys.json')), 'keys')),
];

/** Models that the operator gave a name to; asking an upstream would take longer than a Tab may. */
export const modelNames = (context: Context): readonly string[] =>
  Object.keys(sectionOf(sectionOf(objectIn(placesOf(context).settings), 'models'), 'aliases'));

export const settingNames = (): readonly string[] => keysBelow('', defaultSettings);

function keysBelow(prefix: string, value: unknown): readonly string[] {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return [prefix];
  return Object.entries(value).flatMap(([key, below]) => keysBelow(prefix === '' ? key : `${prefix}.${key}`, below));
}

export const trashedNames = (context: Context): readonly string[] =>
  trashedIn(placesOf(context).trash).map(({ name }) => name);
