import { inert } from '../../panes/text/text.js';
import { dataDirectoryPath, prepareDirectory } from '../../store/disk/directory.js';
import { isJsonObject, jsonOf } from '../../store/ground/json.js';
import { isSecretSetting } from '../../store/settings/secret-settings.js';
import { saveSetting, SettingsError, settingsLayers } from '../../store/settings/settings.js';
import { exit, isGiven, say, sayJson, type Context, type CommandArguments } from '../context.js';
import { placesOf } from '../places.js';

/** One setting in effect, and where it comes from. */
interface Row {
  readonly key: string;
  readonly value: unknown;
  readonly from: 'default' | 'file' | 'environment';
}

const MASK = '(not shown)';

/** `regrant config path`: path of the settings. */
export function configPath(context: Context, given: CommandArguments): Promise<number> {
  const { settings: path } = placesOf(context);
  if (isGiven(given, 'json')) sayJson(context.stdout, { path });
  else say(context.stdout, path);
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
  else say(fault === null ? context.stdout : context.stderr, inert(fault ?? `${file} is good`));
  return Promise.resolve(fault === null ? exit.done : exit.usage);
}

/** `regrant config show`: each setting in effect, and where it comes from. */
export function configShow(context: Context, given: CommandArguments): Promise<number> {
  const { fromFile, variables, settings } = settingsLayers(placesOf(context).settings, context.env);
  const rows = rowsOf([], settings, fromFile, variables);
  if (isGiven(given, 'json')) sayJson(context.stdout, { settings: rows });
  else for (const row of rows) say(context.stdout, inert(line(row)));
  return Promise.resolve(exit.done);
}

/** `regrant config set`: changes one setting in the file. */
export function configSet(context: Context, given: CommandArguments): Promise<number> {
  const [key = '', text = ''] = given.words;
  const { settings: file } = prepareDirectory(dataDirectoryPath(context.dataDir, context.env), context.env);
  saveSetting(file, context.env, key, valueIn(text));
  const said = { ok: true, text: `${key} is set` };
  if (isGiven(given, 'json')) sayJson(context.stdout, said);
  else say(context.stdout, inert(said.text));
  return Promise.resolve(exit.done);
}

/** The value of a text: as JSON, else the text itself. */
function valueIn(text: string): unknown {
  return text === 'null' ? null : (jsonOf(text) ?? text);
}

function rowsOf(
  names: readonly string[],
  value: unknown,
  fromFile: unknown,
  variables: ReadonlyMap<string, string>,
): readonly Row[] {
  const isBranch = isJsonObject(value) && (Object.keys(value).length > 0 || names.length === 0);
  if (isBranch) {
    return Object.entries(value).flatMap(([name, below]) =>
      rowsOf([...names, name], below, isJsonObject(fromFile) ? fromFile[name] : undefined, variables),
    );
  }
  const key = names.map((name) => name.replaceAll('.', '\\.')).join('.');
  const from = variables.has(names.join('.')) ? 'environment' : fromFile === undefined ? 'default' : 'file';
  return [{ key, value: isSecretSetting(key) && value !== '' ? MASK : value, from }];
}

const line = ({ key, value, from }: Row): string => `${key} = ${JSON.stringify(value)}  (${from})`;
