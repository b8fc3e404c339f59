/** Several whole programs in this process, each with a data directory and a wire of its own, over one pool and one Google. */
import { openPool } from '../../src/store/database/open-pool.js';
import { layout } from '../../src/store/disk/directory.js';
import { systemClock, type Clock } from '../../src/store/ground/clock.js';
import { settingsLayers } from '../../src/store/settings/settings.js';
import { fillFromFiles } from '../../src/store/shared/fill-from-files.js';
import { withPool, type TestPool } from './boxes.js';
import { account, type DataDirectory, withDirectory, type AccountParts } from './directory.js';
import { googleSettings, withGoogle, type Google } from './google.js';
import { API_KEY, House } from './house.js';
import type { PostgresServer } from './postgres.js';
import type { Relay } from './postgres-relay.js';

export interface SharedHouse {
  readonly house: House;
  readonly wire: Relay;
}

export interface Houses {
  readonly pool: TestPool;
  readonly google: Google;
  readonly all: readonly SharedHouse[];
}

export interface HousesOptions {
  readonly names: readonly string[];
  readonly accounts: readonly AccountParts[];
  readonly settings?: Record<string, Record<string, unknown>>;
  /** By how many ms the machine's clock of each is ahead; 0 where it is not named. */
  readonly aheadMs?: Readonly<Record<string, number>>;
  readonly prepare?: (google: Google, pool: TestPool) => Promise<void> | void;
}

/** The clients and the API key of a directory's settings, where the database has none yet: what `database init` does. */
async function fillOnce(dir: DataDirectory): Promise<void> {
  const places = layout(dir.path, {});
  const { database: given } = settingsLayers(places.settings, {}).settings;
  const { database, sealing } = await openPool(given, { clock: systemClock, waitMs: 4_000 });
  await fillFromFiles(database, sealing, places, {});
  await database.close();
}

export interface BoxDirectory {
  readonly dir: DataDirectory;
  readonly wire: Relay & { readonly url: string };
}

/** Hands in the data directory of a box of this pool, whose settings lead through a wire of its own. */
export async function withBoxDirectory<T>(
  pool: TestPool,
  google: Google,
  name: string,
  use: (box: BoxDirectory) => Promise<T>,
  settings: Record<string, Record<string, unknown>> = {},
): Promise<T> {
  return withDirectory(async (dir) => {
    const wire = await pool.server.relay();
    const { schema, key } = pool.given;
    await dir.settings({
      ...googleSettings(google),
      proxy: { port: 0, apiKey: API_KEY },
      pool: { waitSeconds: 0 },
      ...settings,
      database: { url: wire.url, key, schema, box: name },
    });
    await fillOnce(dir);
    return use({ dir, wire });
  });
}

const aheadBy = (ms: number): Clock => ({ ...systemClock, now: () => systemClock.now() + ms });

export const withHouses = (
  server: PostgresServer,
  { names, accounts, settings = {}, aheadMs = {}, prepare }: HousesOptions,
  use: (houses: Houses) => Promise<void>,
): Promise<void> =>
  withGoogle((google) =>
    withPool(
      server,
      accounts.map((parts) => account(parts)),
      async (pool) => {
        await prepare?.(google, pool);
        const opened: SharedHouse[] = [];
        const open = async (left: readonly string[]): Promise<void> => {
          const [name, ...others] = left;
          if (name === undefined) return use({ pool, google, all: opened });
          const atHome = async ({ dir, wire }: BoxDirectory): Promise<void> => {
            const house = new House(dir, google, aheadBy(aheadMs[name] ?? 0));
            await house.start();
            opened.push({ house, wire });
            try {
              await open(others);
            } finally {
              wire.thaw();
              await house.stop();
            }
          };
          await withBoxDirectory(pool, google, name, atHome, settings);
        };
        await open(names);
      },
    ),
  );
