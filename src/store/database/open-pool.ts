import { read, reason, saying } from '../words/saying.js';
import type { Clock } from '../ground/clock.js';
import { CannotRun } from '../ground/errors.js';
import type { DatabaseSettings } from '../settings/database-section.js';
import { SettingsError } from '../settings/settings-error.js';
import { Database } from './database.js';
import { isDatabaseFault } from './database-errors.js';
import { databaseHosts } from './hosts.js';
import { poolKey } from './pool-key.js';
import { migrate, sealingOf, usablePool } from './pool-schema.js';
import type { Sealing } from './sealing.js';
import { SCHEMA_VERSION } from './tables.js';

/** The database of the settings, connected. */
export interface Connected {
  readonly database: Database;
  /** Keys that are given; the pool's own comes first. */
  readonly keys: readonly [key: Buffer, ...oldKeys: Buffer[]];
}

/** A pool that stands, and can be read and written. */
export interface OpenPool {
  readonly id: string;
  readonly database: Database;
  readonly sealing: Sealing;
}

export interface Waiting {
  readonly clock: Clock;
  /** How long a database that is away is waited for. */
  readonly waitMs: number;
}

/**
 * Reads the keys and connects.
 *
 * @throws {SettingsError} a key or URL cannot be used
 * @throws {CannotRun} no server can be used, now or within the time
 */
export async function connectDatabase(settings: DatabaseSettings, waiting: Waiting): Promise<Connected> {
  const { clock } = waiting;
  const keys = await keysOf(settings);
  const database = new Database({ hosts: databaseHosts(settings.url), schema: settings.schema, clock });
  database.start();
  try {
    await firstUp(database, waiting);
    if (!database.isUp)
      throw new CannotRun(
        'DATABASE_AWAY',
        saying('the database cannot be used: {why}', { why: read(database.trouble ?? '') }),
      );
    return { database, keys };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * Opens the pool, and brings its tables to this program's version.
 *
 * @throws {SettingsError} the key is not the pool's
 * @throws {CannotRun} as `connectDatabase`; or there is no pool, it is too new, or the role may not use it
 */
export async function openPool(settings: DatabaseSettings, waiting: Waiting): Promise<OpenPool> {
  const { database, keys } = await connectDatabase(settings, waiting);
  try {
    return await orCannotRun(async () => {
      const meta = await usablePool(database, settings.schema);
      const [key, ...oldKeys] = keys;
      const sealing = sealingOf(meta, key, oldKeys);
      if (meta.schemaVersion < SCHEMA_VERSION) await migrate(database, settings.schema);
      return { id: meta.pool, database, sealing };
    });
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** What the database could not do, as the reason why the program cannot run. */
export async function orCannotRun<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDatabaseFault(error)) throw new CannotRun(error.code, reason(error), { cause: error });
    throw error;
  }
}

async function keysOf({ key, oldKeys }: DatabaseSettings): Promise<readonly [Buffer, ...Buffer[]]> {
  if (key === '')
    throw new SettingsError(
      saying(
        'database.key is missing: 32 bytes that seal the secrets in the database, the same on every box; `openssl rand -base64 32` makes one',
      ),
    );
  const old = await Promise.all(oldKeys.map((one, at) => poolKey(one, `database.oldKeys.${at}`)));
  return [await poolKey(key, 'database.key'), ...old];
}

/** How often it is looked whether a person has to mend something before any server can be used. */
const LOOK_MS = 50;

/**
 * Resolves when the database is up, cannot be until somebody mends something, or the time is over. The process lives as
 * long.
 */
async function firstUp(database: Database, { clock, waitMs }: Waiting): Promise<void> {
  const until = clock.monotonic() + waitMs;
  while (!database.isUp && !database.isHopeless && clock.monotonic() < until) await clock.wait(LOOK_MS);
}
