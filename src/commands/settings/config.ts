import { fileURLToPath } from 'node:url';
import { dataDirectoryPath, prepareDirectory } from '../../store/disk/directory.js';
import { jsonOf } from '../../store/ground/json.js';
import { settingPath } from '../../store/settings/setting-path.js';
import { settingsInEffect, type SettingInEffect } from '../../store/settings/setting-rows.js';
import { saveSetting, SettingsError, settingsLayers } from '../../store/settings/settings.js';
import { exit, isGiven, say, sayJson, type Context, type CommandArguments, sayExactly } from '../context.js';
import { placesOf } from '../places.js';

/** What `$schema` in the settings may name, for an editor to know them by. */
const SCHEMA_FILE = fileURLToPath(new URL('../../settings.schema.json', import.meta.url));

/** `regrant config path`: path of the settings. */
export function configPath(context: Context, given: CommandArguments): Promise<number> {
  const { settings: path } = placesOf(context);
  if (isGiven(given, 'json')) sayJson(context.stdout, { path, schemaFile: SCHEMA_FILE });
  else sayExactly(context.stdout, path);
  return Promise.resolve(exit.done);
}

/** `regrant config check`: whether the settings can be used; a fault is named with its key or its line. */
export function configCheck(context: Context, given: CommandArguments): Promise<number> {
  const { settings: file } = placesOf(context);
  let fault: string | null = null;
  try {
    settingsLayers(file, context.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    fault = error.message;
  }
  if (isGiven(given, 'json')) sayJson(context.stdout, { ok: fault === null, text: fault ?? `${file} is good` });
  else say(fault === null ? context.stdout : context.stderr, fault ?? `${file} is good`);
  return Promise.resolve(fault === null ? exit.done : exit.usage);
}

/** `regrant config show`: each setting in effect, and where it comes from. */
export function configShow(context: Context, given: CommandArguments): Promise<number> {
  const rows = settingsInEffect(settingsLayers(placesOf(context).settings, context.env));
  const told = rows.map(({ key, value, from, source }) => ({ key, value, from, ...(source !== '' && { source }) }));
  if (isGiven(given, 'json')) sayJson(context.stdout, { settings: told });
  else for (const row of rows) say(context.stdout, line(row));
  return Promise.resolve(exit.done);
}

/** `regrant config set`: changes one setting in the file. */
export function configSet(context: Context, given: CommandArguments): Promise<number> {
  const [key = '', text = ''] = given.words;
  const { settings: file } = prepareDirectory(dataDirectoryPath(context.dataDir, context.env), context.env);
  saveSetting(file, context.env, key, valueIn(text));
  const over = settingsLayers(file, context.env).variables.get(settingPath(key).join('.'));
  const said = { ok: true, text: `${key} is set${over === undefined ? '' : `, but ${over} stands over it`}` };
  if (isGiven(given, 'json')) sayJson(context.stdout, said);
  else say(context.stdout, said.text);
  return Promise.resolve(exit.done);
}

/** The value of a text: as JSON, else the text itself. */
function valueIn(text: string): unknown {
  return text === 'null' ? null : (jsonOf(text) ?? text);
}

const line = ({ key, value, from }: SettingInEffect): string => `${key} = ${JSON.stringify(value)}  (${from})`;
