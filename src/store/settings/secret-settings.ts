import { reason, saying } from '../words/saying.js';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from '../ground/errors.js';
import { SettingsError } from './settings-error.js';

const SECRET =
  /(?:^|\.)secret$|^proxy\.apiKey$|^notify\.(?:url|command)$|^network\.proxy$|^database\.(?:url|key|oldKeys)$/;

/** Whether a setting is a secret, or may have one in it. @param key - its path, with dots */
export const isSecretSetting = (key: string): boolean => SECRET.test(key);

/** The value of a variable in an environment, and where it comes from. */
export interface SaidSecret {
  readonly value: string;
  /** For a person who looks for it. */
  readonly from: string;
}

/**
 * The value of a secret: of its variable, else in the file that `<variable>_FILE` names, else in the credential of that
 * name in lower case that the service manager provides (systemd.exec(5), LoadCredential=); null: none of these has it.
 *
 * @throws {SettingsError} a file is named that cannot be read
 */
export function secretSaid(env: NodeJS.ProcessEnv, variable: string): SaidSecret | null {
  const value = env[variable];
  if (value !== undefined) return { value, from: variable };
  const file = env[`${variable}_FILE`] ?? '';
  if (file !== '') return { value: contentOf(file, `${variable}_FILE`), from: `${variable}_FILE` };
  const folder = env.CREDENTIALS_DIRECTORY ?? '';
  if (folder === '') return null;
  const credential = path.join(folder, variable.toLowerCase());
  try {
    return { value: lineIn(readFileSync(credential, 'utf8')), from: credential };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw new SettingsError(
      saying('the credential {credential} cannot be read: {why}', { credential, why: reason(error) }),
    );
  }
}

/** Every variable that an environment sets, in any of these ways: some have a client's name in them. */
export function variablesSaid(env: NodeJS.ProcessEnv): readonly string[] {
  const given = Object.keys(env).map((name) => name.replace(/_FILE$/, ''));
  return [...new Set([...Object.keys(env), ...given, ...credentials(env.CREDENTIALS_DIRECTORY ?? '')])];
}

function credentials(folder: string): readonly string[] {
  try {
    return folder === '' ? [] : readdirSync(folder).map((name) => name.toUpperCase());
  } catch {
    return [];
  }
}

function contentOf(file: string, variable: string): string {
  try {
    return lineIn(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SettingsError(
      saying('{name} names {file}, which cannot be read: {why}', { name: variable, file, why: reason(error) }),
    );
  }
}

/** The text of a file without the end of its one line. */
const lineIn = (text: string): string => text.replace(/\r?\n$/, '');
