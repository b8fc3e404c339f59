/** The settings as they hold on this machine: with what boxes share, where they name a pool. */
import type { OpenPool } from '../../store/database/open-pool.js';
import type { DatabaseSettings } from '../../store/settings/database-section.js';
import { loadSettings, settingsLayers, type Settings, type SettingsLayers } from '../../store/settings/settings.js';
import type { Context } from '../context.js';
import { placesOf } from '../places.js';

/**
 * Nothing is made or written.
 *
 * @throws {SettingsError} they are wrong
 * @throws {CannotRun} the pool cannot be opened within the time of a command
 */
export async function layersNow(context: Context): Promise<SettingsLayers> {
  const own = settingsLayers(placesOf(context).settings, context.env);
  return own.settings.database.url === '' ? own : layersOfPool(context, own.settings.database, 'only read');
}

/** The same; an API key is made if there is none. @throws as `layersNow` */
export async function settingsNow(context: Context): Promise<Settings> {
  const own = loadSettings(placesOf(context).settings, context.env);
  if (own.database.url === '') return own;
  return (await layersOfPool(context, own.database, own.proxy.apiKey === '' ? 'with a key' : 'only read')).settings;
}

async function layersOfPool(
  context: Context,
  database: DatabaseSettings,
  how: 'only read' | 'with a key',
): Promise<SettingsLayers> {
  const { ensureApiKey, readSharedValues } = await import('../../store/shared/shared-settings.js');
  const { values } = await onPool(context, database, async (pool) => {
    if (how === 'with a key') await ensureApiKey(pool.database, pool.sealing);
    return readSharedValues(pool.database, pool.sealing);
  });
  return settingsLayers(placesOf(context).settings, context.env, values);
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
