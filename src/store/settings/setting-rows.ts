import { isJsonObject, ownValue } from '../ground/json.js';
import { defaultSettings } from './schema.js';
import { isSecretSetting } from './secret-settings.js';
import { pathText } from './setting-path.js';
import { isSharedSetting } from './shared-values.js';
import type { SettingsLayers } from './settings.js';

/** One setting in effect, and where it comes from. */
export interface SettingInEffect {
  /** Its path; a dot within a name is `\.`. */
  readonly key: string;
  readonly names: readonly string[];
  /** A secret that is set is `SECRET_SHOWN`. */
  readonly value: unknown;
  readonly from: 'default' | 'file' | 'environment' | 'database';
  /** The variable, file or credential of the environment that set it; empty: none did. */
  readonly source: string;
}

/** What is shown of a secret. */
export const SECRET_SHOWN = '(not shown)';

/** Every setting in effect, and keys that nobody knows, in the order of the settings; `$schema` is for editors. */
export const settingsInEffect = ({
  settings,
  fromFile,
  variables,
  isShared,
}: SettingsLayers): readonly SettingInEffect[] =>
  Object.entries(settings)
    .flatMap(([name, value]) =>
      name === '$schema' ? [] : leaves([name], value, { fromFile: ownValue(fromFile, name), variables }),
    )
    .map((row) => (isShared && row.from === 'file' && isSharedSetting(row.key) ? { ...row, from: 'database' } : row));

function leaves(
  names: readonly string[],
  value: unknown,
  { fromFile, variables }: { readonly fromFile: unknown; readonly variables: SettingsLayers['variables'] },
): readonly SettingInEffect[] {
  if (isJsonObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([name, below]) =>
      leaves([...names, name], below, {
        fromFile: isJsonObject(fromFile) ? ownValue(fromFile, name) : undefined,
        variables,
      }),
    );
  }
  const source = variables.get(names.join('.')) ?? '';
  const from = source !== '' ? 'environment' : fromFile === undefined ? 'default' : 'file';
  const key = pathText(names);
  return [{ key, names, value: mayBeSecret(names, key) && value !== '' ? SECRET_SHOWN : value, from, source }];
}

/** A key that nobody knows may be one of ours, misspelt. */
function mayBeSecret([section = '', name = '']: readonly string[], key: string): boolean {
  const known = ownValue(defaultSettings as Record<string, unknown>, section);
  const isKnown = isJsonObject(known) && (Object.hasOwn(known, name) || Object.keys(known).length === 0);
  return isSecretSetting(key) || (!isKnown && /secret|token|passw|key|url|command/i.test(key));
}
