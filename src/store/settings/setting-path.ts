/** The names that a setting's path has: `oauth.clients.a\.b` → oauth, clients, a.b. */
export const settingPath = (key: string): string[] => key.split(/(?<!\\)\./).map((name) => name.replaceAll('\\.', '.'));

/** The path of a setting; a dot within a name is `\.`. */
export const pathText = (names: readonly string[]): string =>
  names.map((name) => name.replaceAll('.', '\\.')).join('.');
