import { saying } from '../../store/words/saying.js';
import type { Database } from '../../store/database/database.js';
import { orCannotRun, type Waiting } from '../../store/database/open-pool.js';
import type { Clock } from '../../store/ground/clock.js';
import { UsageError } from '../../store/ground/errors.js';
import type { DatabaseSettings } from '../../store/settings/database-section.js';
import { settingsLayers } from '../../store/settings/settings.js';
import type { Context } from '../context.js';
import { placesOf } from '../places.js';

/** A command waits no longer for a database: it ends within five seconds. */
const COMMAND_WAIT_MS = 4000;

/** The settings `database.*`. @throws {UsageError} no database is named there @throws {SettingsError} */
export function databaseGiven(context: Context): DatabaseSettings {
  const { database } = settingsLayers(placesOf(context).settings, context.env).settings;
  if (database.url !== '') return database;
  throw new UsageError(
    saying('database.url is empty: name a PostgreSQL there, such as postgres://regrant:password@db.example/regrant'),
  );
}

/**
 * Opens a database, works on it, and closes it.
 *
 * @throws {SettingsError} a key or URL cannot be used
 * @throws {CannotRun} it cannot be opened within the time, or could not do what `act` asked of it
 */
export async function withDatabase<Opened extends { readonly database: Database }, Result>(
  settings: DatabaseSettings,
  clock: Clock,
  open: (settings: DatabaseSettings, waiting: Waiting) => Promise<Opened>,
  act: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const opened = await open(settings, { clock, waitMs: COMMAND_WAIT_MS });
  try {
    return await orCannotRun(() => act(opened));
  } finally {
    await opened.database.close();
  }
}
