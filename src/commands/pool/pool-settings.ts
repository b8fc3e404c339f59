/** The settings as they hold on this machine: with what boxes share, where they name a pool. */
import type { OpenPool } from '../../store/database/open-pool.js';
import { dataDirectoryPath, layout } from '../../store/disk/directory.js';
import type { DatabaseSettings } from '../../store/settings/database-section.js';
import { loadSettings, settingsLayers, type Settings, type SettingsLayers } from '../../store/settings/settings.js';
import type { Context } from '../context.js';

/**
 * Nothing is made or written.
 *
 * @throws {SettingsError} they are wrong
 * @throws {CannotRun} the pool cannot be opened within the time of a command
 */
export async function layersNow(context: Context): Promise<SettingsLayers> {
  const file = settingsFile(context);
  const own = settingsLayers(file, context.env);
  const { database } = own.settings;
  if (database.url === '') return own;
  const { readSharedValues } = await import('../../store/shared/shared-settings.js');
  const { values } = await onPool(context, database, (pool) => readSharedValues(pool.database, pool.sealing));
  return settingsLayers(file, context.env, values);
}

/** The same; an API key is made if there is none. @throws as `layersNow` */
export async function settingsNow(context: Context): Promise<Settings> {
  const settings = loadSettings(settingsFile(context), context.env);
  if (settings.database.url === '') return settings;
  if (settings.proxy.apiKey === '') {
    const { ensureApiKey } = await import('../../store/shared/shared-settings.js');
    await onPool(context, settings.database, ({ database, sealing }) => ensureApiKey(database, sealing));
  }
  return (await layersNow(context)).settings;
}

/** Works on the pool that the settings name. @throws as `layersNow` */
export async function onPool<Result>(
  { clock }: Context,
  database: DatabaseSettings,
  act: (pool: OpenPool) => Promise<Result>,
): Promise<Result> {
  const [{ withDatabase }, { openPool }] = await Promise.all([
    import('./database-given.js'),
    import('../../store/database/open-pool.js'),
  ]);
  return withDatabase(database, clock, openPool, act);
}

const settingsFile = ({ dataDir, env }: Context): string => layout(dataDirectoryPath(dataDir, env), env).settings;
