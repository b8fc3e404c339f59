import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Spoken } from '../../store/ground/errors.js';
import { reason, saying } from '../../store/words/saying.js';
import { sideBySide, tell, type PlainWord } from '../../store/words/tongue.js';
import { dataDirectoryPath, prepareDirectory } from '../../store/disk/directory.js';
import { livingOwner } from '../../store/disk/lock-owner.js';
import { jsonOf } from '../../store/ground/json.js';
import { readKeys } from '../../store/keys/key-file.js';
import { isTextSetting } from '../../store/settings/setting-kinds.js';
import { settingPath } from '../../store/settings/setting-path.js';
import { SECRET_SHOWN, settingsInEffect, type SettingInEffect } from '../../store/settings/setting-rows.js';
import { isSharedSetting } from '../../store/settings/shared-values.js';
import { FileGone } from '../../store/settings/settings-error.js';
import { saveSetting, SettingsError, settingsLayers } from '../../store/settings/settings.js';
import { exit, isGiven, say, sayJson, sayReply, type Context, type CommandArguments, sayExactly } from '../context.js';
import { layersNow } from '../pool/pool-settings.js';
import { placesOf } from '../places.js';
import { schemaFile } from './schema-file.js';

/** `regrant config path`: path of the settings. */
export function configPath(context: Context, given: CommandArguments): Promise<number> {
  const { settings: file } = placesOf(context);
  if (isGiven(given, 'json')) sayJson(context.stdout, { path: file, schemaFile: schemaFile(path.dirname(file)) });
  else sayExactly(context.stdout, file);
  return Promise.resolve(exit.done);
}

/**
 * `regrant config check`: whether the settings and the client keys beside them can be used; a fault is named with its
 * key or its line.
 */
export function configCheck(context: Context, given: CommandArguments): Promise<number> {
  const { settings: file, keys, lock } = placesOf(context);
  let fault: SettingsError | null = null;
  try {
    settingsLayers(file, context.env);
    readKeys(keys);
    if (!existsSync(file) && livingOwner(lock) !== null) throw new FileGone(file);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    fault = error;
  }
  const text = fault === null ? saying('{file} is good', { file }) : reason(fault);
  sayReply(context, given, { ok: fault === null, text });
  return Promise.resolve(fault === null ? exit.done : exit.usage);
}

/** `regrant config show`: each setting in effect, and where it comes from. */
export async function configShow(context: Context, given: CommandArguments): Promise<number> {
  const rows = settingsInEffect(await layersNow(context));
  const shown = rows.map(({ key, value, from, source }) => ({ key, value, from, ...(source !== '' && { source }) }));
  if (isGiven(given, 'json')) sayJson(context.stdout, { settings: shown });
  else for (const row of rows) say(context.stdout, line(row));
  return exit.done;
}

/** `regrant config set`: changes one setting in the file; one that boxes share, in their database. */
export async function configSet(context: Context, given: CommandArguments): Promise<number> {
  const [key = '', text = ''] = given.words;
  const value = valueIn(text, settingPath(key));
  const { settings: file } = prepareDirectory(dataDirectoryPath(context.dataDir, context.env), context.env);
  if (isSharedSetting(key) && settingsLayers(file, context.env).settings.database.url !== '') {
    const { setForAll } = await import('../pool/set-for-all.js');
    return sayReply(context, given, { ok: true, text: await setForAll(context, key, value) });
  }
  saveSetting(file, context.env, key, value);
  const over = settingsLayers(file, context.env).variables.get(settingPath(key).join('.'));
  const done =
    over === undefined
      ? saying('{key} is set', { key })
      : saying('{key} is set, but {over} stands over it', { key, over });
  return sayReply(context, given, { ok: true, text: done });
}

/** The value of a text: as JSON, else the text itself, which a text of digits is too where the setting is a text. */
function valueIn(text: string, names: readonly string[]): unknown {
  const value = text === 'null' ? null : (jsonOf(text) ?? text);
  return isTextSetting(names) && ['number', 'boolean'].includes(typeof value) ? text : value;
}

const sources = {
  default: 'default',
  file: 'file ¦ source',
  environment: 'environment',
  database: 'database ¦ source',
} as const satisfies Record<SettingInEffect['from'], PlainWord>;

const line = ({ key, value, from }: SettingInEffect): Spoken => {
  const shown = value === SECRET_SHOWN ? tell(SECRET_SHOWN) : value;
  return sideBySide`${key} = ${JSON.stringify(shown)}  (${tell(sources[from])})`;
};
