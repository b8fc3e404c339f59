import { isJsonObject, type JsonObject } from '../ground/json.js';

/** The names that a setting's path has: `oauth.clients.a\.b` → oauth, clients, a.b. */
export const settingPath = (key: string): string[] => key.split(/(?<!\\)\./).map((name) => name.replaceAll('\\.', '.'));

/** The path of a setting; a dot within a name is `\.`. */
export const pathText = (names: readonly string[]): string =>
  names.map((name) => name.replaceAll('.', '\\.')).join('.');

/** A path with the e-mail of an account as the file has it: e-mails are compared without case. */
export function asInFile(names: readonly string[], { accounts }: JsonObject): readonly string[] {
  const [section, email = '', ...more] = names;
  if (section !== 'accounts' || !isJsonObject(accounts) || Object.hasOwn(accounts, email)) return names;
  const known = Object.keys(accounts).findLast((known) => known.toLowerCase() === email.toLowerCase());
  return known === undefined ? names : [section, known, ...more];
}
