import { dataDirectoryPath, layout } from '../../store/disk/directory.js';
import { UsageError } from '../../store/ground/errors.js';
import type { DatabaseSettings } from '../../store/settings/database-section.js';
import { settingsLayers } from '../../store/settings/settings.js';
import type { Context } from '../context.js';

/** A command waits no longer for a database: it ends within five seconds. */
export const COMMAND_WAIT_MS = 4000;

/** The settings `database.*`. @throws {UsageError} no database is named there @throws {SettingsError} */
export function databaseGiven({ dataDir, env }: Context): DatabaseSettings {
  const { database } = settingsLayers(layout(dataDirectoryPath(dataDir, env), env).settings, env).settings;
  if (database.url !== '') return database;
  throw new UsageError(
    'database.url is empty: name a PostgreSQL there, such as postgres://regrant:password@db.example/regrant',
  );
}
