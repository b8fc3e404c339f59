import { connectDatabase, openPool, type OpenPool } from '../../src/store/database/open-pool.js';
import { Listening } from '../../src/store/database/listening.js';
import { poolKey } from '../../src/store/database/pool-key.js';
import { makePool } from '../../src/store/database/pool-schema.js';
import { systemClock, type Clock } from '../../src/store/ground/clock.js';
import { SharedState } from '../../src/store/shared/shared-state.js';
import { StateFile } from '../../src/store/state/state-file.js';
import type { DatabaseSettings } from '../../src/store/settings/database-section.js';
import { setClock } from './clock.js';
import type { DatabaseGiven, PostgresServer } from './postgres.js';

/** One box's connection to a pool, without a supervisor. */
export interface BoxAtPool extends OpenPool {
  readonly name: string;
  readonly schema: string;
  readonly listening: Listening;
  readonly state: () => Promise<SharedState>;
  /** What was told of writes that failed, in order; null: of the end of that. */
  readonly troubles: (string | null)[];
}

/** Hands in boxes on a pool of its own; they stop hearing and disconnect afterwards. */
export async function withBoxes(
  server: PostgresServer,
  names: readonly string[],
  use: (...boxes: BoxAtPool[]) => Promise<void>,
  given: (settings: DatabaseSettings, name: string) => DatabaseSettings = (settings) => settings,
): Promise<void> {
  const settings = settingsOf(server.pool());
  await madePool(settings);
  const boxes = await Promise.all(names.map((name) => boxAt(given(settings, name), name)));
  try {
    await use(...boxes);
  } finally {
    for (const { listening, database } of boxes) {
      listening.stop();
      await database.close();
    }
  }
}

const settingsOf = (given: DatabaseGiven): DatabaseSettings => ({ ...given, oldKeys: [...given.oldKeys] });

async function madePool(settings: DatabaseSettings): Promise<void> {
  const { database } = await connectDatabase(settings, { clock: systemClock, waitMs: 5_000 });
  await makePool(database, settings.schema, await poolKey(settings.key, 'database.key'));
  await database.close();
}

async function boxAt(settings: DatabaseSettings, name: string, clock: Clock = systemClock): Promise<BoxAtPool> {
  const pool = await openPool(settings, { clock, waitMs: 5_000 });
  const listening = new Listening(pool.database, clock);
  await listening.start();
  const troubles: (string | null)[] = [];
  return {
    ...pool,
    ...{ name, schema: settings.schema, listening, troubles },
    state: () => {
      const local = StateFile.open('/nonexistent', setClock());
      const tell = (trouble: string | null): void => void troubles.push(trouble);
      return SharedState.open({ database: pool.database, listening, box: name, clock, local, tell });
    },
  };
}

/** Resolves once `is` gives true, with how many ms that took; fails after a while. */
export async function until(is: () => boolean, mostMs = 5_000): Promise<number> {
  const begun = performance.now();
  while (!is()) {
    if (performance.now() - begun > mostMs) throw new Error(`not within ${mostMs} ms: ${is.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return performance.now() - begun;
}
