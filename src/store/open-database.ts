import { hostname } from 'node:os';
import type { AccountStore } from './accounts/account-store.js';
import type { Trash } from './accounts/trash.js';
import { DatabaseTrash } from './database/trash/database-trash.js';
import { newBoot, type Boots } from './database/presence/boot-file.js';
import { correctedClock } from './database/presence/clock-offset.js';
import { DatabaseAway } from './database/database-errors.js';
import { openShared } from './database/exchanges/open-shared.js';
import { Listening } from './database/listening.js';
import { openPool, orCannotRun, type OpenPool } from './database/open-pool.js';
import { PoolBox } from './database/presence/pool-box.js';
import type { JsonObject } from './ground/json.js';
import type { DataDirectory } from './disk/directory.js';
import type { Disk } from './disk/disk.js';
import type { TellTrouble } from './disk/patient-write.js';
import type { Clock } from './ground/clock.js';
import { CannotRun } from './ground/errors.js';
import { byItself } from './ground/faults.js';
import type { Database } from './database/database.js';
import type { KeyStore } from './keys/key-store.js';
import type { Events } from './records/events.js';
import type { Settings } from './settings/settings.js';
import { ClientsInDatabase } from './shared/shared-clients.js';
import { Sharing, type SharedExchanges } from './shared/sharing.js';
import { SharedEvents } from './shared/shared-events.js';
import { SharedKeys } from './shared/shared-keys.js';
import { SharedState } from './shared/shared-state.js';
import { HighestNumbers, lastNumbers } from './database/told.js';
import { SharedUsage } from './shared/usage/shared-usage.js';
import type { StateStore } from './state/state-store.js';
import type { UsageStore } from './usage/usage-store.js';

export interface DatabaseOpening {
  readonly settings: Pick<Settings, 'database' | 'proxy'>;
  readonly places: DataDirectory;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly disk: Disk;
  /** What is of this machine alone. */
  readonly local: StateStore;
  /** Whether another process hands the directory over to this one. */
  readonly isSuccessor: boolean;
  /** A command works once, and is no box. */
  readonly as: 'box' | 'command';
  readonly tell: (what: string) => TellTrouble;
}

/** What the database keeps in the place of files. */
export interface DatabaseStore {
  readonly accounts: AccountStore;
  readonly state: StateStore;
  readonly exchanges: SharedExchanges;
  readonly events: Events;
  readonly keys: KeyStore;
  readonly trash: Trash;
  readonly usage: UsageStore;
  readonly clients: ClientsInDatabase;
  readonly database: Database;
  readonly sharing: Sharing;
  /** Shows the database's time. */
  readonly clock: Clock;
  /** Tells the other boxes where this one's proxy listens. */
  servesOn(address: string): void;
  /** Ends the presence of this box, since a successor has its name. */
  leave(): void;
  /** Goes on under its name, since the successor failed. */
  stay(): void;
  close(): Promise<void>;
}

/** How long a start waits for a database that is away, and a command. */
const WAIT_MS = { box: 60_000, command: 4_000 } as const;

/**
 * Opens the pool of `database.url`.
 *
 * @throws {CannotRun} it cannot be used, or a box of this name runs already
 * @throws {SettingsError} the key is not the pool's, or a setting is wrong
 */
export async function openDatabase(parts: DatabaseOpening): Promise<DatabaseStore> {
  const { places, disk, clock, as } = parts;
  const boots = await newBoot(places.state, disk);
  const until = clock.monotonic() + WAIT_MS[as];
  for (;;) {
    try {
      return await openOnce(parts, boots, Math.max(0, until - clock.monotonic()));
    } catch (error) {
      // a database that was lost in the middle of the start is waited for like one that was away before it
      if (!isLost(error) || clock.monotonic() >= until) throw error;
    }
  }
}

const isLost = (error: unknown): boolean => error instanceof CannotRun && error.cause instanceof DatabaseAway;

async function openOnce(parts: DatabaseOpening, boots: Boots, waitMs: number): Promise<DatabaseStore> {
  const { settings, clock } = parts;
  const pool = await openPool(settings.database, { clock, waitMs });
  const listening = new Listening(pool.database, clock);
  try {
    return await orCannotRun(() => opened({ ...pool, listening, boots }, parts));
  } catch (error) {
    listening.stop();
    await pool.database.close();
    throw error;
  }
}

interface Found extends OpenPool {
  readonly listening: Listening;
  readonly boots: Boots;
}

/** Takes this box's name, and hears of the others from now on: before anything is read, so that nothing is missed. */
async function present(
  { database, listening, boots }: Found,
  { settings, clock, as }: DatabaseOpening,
  facts: () => JsonObject,
): Promise<PoolBox> {
  const name = settings.database.box === '' ? hostname() : settings.database.box;
  const { host, port } = settings.proxy;
  const { lapses } = listening;
  const about = { statements: database, clock, name, boots, address: `${host}:${port}`, facts };
  const box =
    as === 'box' ? await PoolBox.claim({ ...about, lapsed: () => lapses.found() }) : await PoolBox.visit(about);
  if (as === 'box') {
    const numbers = new HighestNumbers();
    lapses.lookBy(async () => {
      await box.look();
      if (numbers.haveGoneBack(await lastNumbers(database))) lapses.found();
    });
    listening.onSecond(() => lapses.look());
    listening.onWhole(() => lapses.look());
  }
  await listening.start();
  return box;
}

async function opened(found: Found, parts: DatabaseOpening): Promise<DatabaseStore> {
  const { database, sealing, listening, boots } = found;
  const { places, clock, disk, as } = parts;
  let exchanges: SharedExchanges | null = null;
  const box = await present(found, parts, () => ({ spooled: exchanges?.spooled ?? 0 }));
  const { name } = box;
  const corrected = correctedClock(clock, () => box.skewMs);
  const records = await openRecords({ ...found, box: name, clock: corrected }, parts);
  const both = await openShared({
    ...{ database, sealing, listening, clock: corrected, disk, state: records.state },
    trash: { keepReplaced: (id, json) => records.trash.keepSaved(id, json) },
    stateFolder: places.state,
    box: { name, boot: boots.own },
    stillRunning: parts.isSuccessor ? boots.former.slice(0, 1) : [],
  });
  exchanges = both.exchanges;
  const sharing = new Sharing(name, { database, listening, box: as === 'box' ? box : null, exchanges });
  await sharing.look().catch((error: unknown) => {
    both.stop();
    throw error;
  });
  if (as === 'box') box.start();
  return {
    ...records,
    ...{ accounts: both.accounts, exchanges, database, sharing, clock: corrected },
    leave: () => box.leave(),
    servesOn: (address) => byItself('telling the other boxes the address', box.servesOn(address)),
    stay: () => box.start(),
    async close() {
      listening.stop();
      if (as === 'box') await box.stop();
      both.stop();
      await database.close();
    },
  };
}

type SharedRecords = Pick<DatabaseStore, 'events' | 'keys' | 'usage' | 'clients'> & {
  readonly state: SharedState;
  readonly trash: DatabaseTrash;
};

/** What boxes share, but for accounts and their exchanges: all is read, and followed from then on. */
async function openRecords(
  shared: Found & { readonly box: string; readonly clock: Clock },
  { places, env, disk, local, as, tell }: DatabaseOpening,
): Promise<SharedRecords> {
  const counted = { ...shared, disk, stateFolder: places.state };
  return {
    state: await SharedState.open({ ...shared, local, tell: tell('the state in the database') }),
    events: await SharedEvents.open({ ...shared, tell: tell('the events in the database') }),
    keys: await SharedKeys.open(shared),
    usage: as === 'box' ? await SharedUsage.open(counted) : SharedUsage.unread(counted),
    trash: await DatabaseTrash.open(shared),
    clients: await ClientsInDatabase.open({ ...shared, file: places.settings, env }),
  };
}
