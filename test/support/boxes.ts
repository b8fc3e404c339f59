/** Boxes of one pool in this process, each with a wire of its own to a real PostgreSQL: what they share, without a proxy. */
import { mkdtempSync, rmSync } from 'node:fs';
import * as v from 'valibot';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDatabase, openPool, type OpenPool } from '../../src/store/database/open-pool.js';
import type { DatabaseAccounts } from '../../src/store/database/accounts/database-accounts.js';
import type { DatabaseExchanges, TokenMemory } from '../../src/store/database/exchanges/database-exchanges.js';
import { DatabaseTrash } from '../../src/store/database/trash/database-trash.js';
import { openShared } from '../../src/store/database/exchanges/open-shared.js';
import { columnsOf, ROW_COLUMNS, rowOf, RawRowSchema } from '../../src/store/database/accounts/stored-row.js';
import { Listening } from '../../src/store/database/listening.js';
import type { Sealing } from '../../src/store/database/sealing.js';
import { makePool } from '../../src/store/database/pool-schema.js';
import { systemClock, type Clock } from '../../src/store/ground/clock.js';
import { fingerprint } from '../../src/store/ground/fingerprint.js';
import type { JsonObject } from '../../src/store/ground/json.js';
import { systemDisk, type Disk } from '../../src/store/disk/disk.js';
import { StateFile } from '../../src/store/state/state-file.js';
import type { DatabaseGiven, PostgresServer } from './postgres.js';
import type { Relay } from './postgres-relay.js';

export interface TestBox {
  readonly name: string;
  /** The id of its process. */
  readonly boot: string;
  readonly pool: OpenPool;
  readonly accounts: DatabaseAccounts;
  readonly exchanges: DatabaseExchanges;
  readonly state: StateFile;
  readonly wire: Relay;
  readonly stateFolder: string;
  /** Ends it as `kill -9` does: nothing more is written or told. */
  kill(): Promise<void>;
}

export interface BoxOptions {
  readonly disk?: Disk;
  readonly clock?: Clock;
  /** The folder of one that was killed. */
  readonly stateFolder?: string;
  /** Who hands its directory over to it. */
  readonly predecessor?: TestBox;
  /** Another server that it may use. */
  readonly elsewhere?: string;
  /** Notifications do not come through to it. */
  readonly isDeaf?: boolean;
}

export interface TestPool {
  readonly server: PostgresServer;
  readonly given: DatabaseGiven & { readonly oldKeys: string[] };
  readonly box: (name: string, options?: BoxOptions) => Promise<TestBox>;
  /** A statement on the pool's tables, as the superuser; `{account}` is a table of the pool. */
  readonly sql: <Row extends Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ) => Promise<readonly Row[]>;
  /** Puts an account into the table, as another program with the key would. */
  readonly put: (json: JsonObject) => Promise<void>;
  /** What an account's row says; null: there is none, it is in the trash, or it cannot be read. */
  readonly get: (id: string) => Promise<JsonObject | null>;
}

interface Made {
  readonly given: TestPool['given'];
  readonly sealing: Sealing;
  readonly channel: string;
}

const made = new WeakMap<PostgresServer, Promise<Made>>();

async function makeOne(server: PostgresServer): Promise<Made> {
  const given = { ...server.pool(), oldKeys: [] };
  const waiting = { clock: systemClock, waitMs: 5_000 };
  const { database, keys } = await connectDatabase(given, waiting);
  await makePool(database, given.schema, keys[0]);
  await database.close();
  const pool = await openPool(given, waiting);
  await pool.database.close();
  return { given, sealing: pool.sealing, channel: pool.database.channel };
}

const TABLES = ['account', 'exchange', 'successor', 'refused', 'grant_record', 'replaced', 'box'];

/** An empty pool on the test file's server, the same for one test after the other. */
export async function withPool<T>(
  server: PostgresServer,
  accounts: readonly JsonObject[],
  use: (pool: TestPool) => Promise<T>,
): Promise<T> {
  let making = made.get(server);
  if (making === undefined) made.set(server, (making = makeOne(server)));
  const { given, sealing, channel } = await making;
  const empty = TABLES.map((table) => `${table}_gone as (delete from "${given.schema}"."${table}")`);
  await server.sql(`with ${empty.join(', ')} select 1`);
  const opened = new Set<TestBox>();
  const folders: string[] = [];
  const sql: TestPool['sql'] = (text, values) =>
    server.sql(text.replace(/\{(\w+)\}/g, `"${given.schema}"."$1"`), values);
  const pool: TestPool = {
    ...{ server, given, sql },
    async box(name, options = {}) {
      const folder = options.stateFolder ?? mkdtempSync(join(tmpdir(), 'regrant-box-'));
      folders.push(folder);
      const box = await openBox(pool, name, folder, options, () => opened.delete(box));
      opened.add(box);
      return box;
    },
    async get(id) {
      const [raw] = await sql(`select ${ROW_COLUMNS} from {account} where id = $1`, [id]);
      if (raw === undefined) return null;
      const { removed, content } = rowOf(v.parse(RawRowSchema, { ...raw, version: Number(raw.version) }), sealing);
      return removed || content.kind === 'unreadable' ? null : content.json;
    },
    async put(json) {
      const id = String(json.id);
      const { email, doc, secret, grantFp } = columnsOf(id, json, sealing);
      await sql(
        `insert into {account} as a (id, email, doc, secret, grant_fp) values ($1, $2, $3::jsonb, $4, $5)
          on conflict (id) do update set email = $2, doc = $3::jsonb, secret = $4, grant_fp = $5, removed_at = null,
          version = a.version + 1, changed_at = clock_timestamp()`,
        [id, email, doc, secret, grantFp],
      );
      await sql(`select pg_notify($1, $2)`, [channel, `account:${id}`]);
    },
  };
  try {
    for (const json of accounts) await pool.put(json);
    return await use(pool);
  } finally {
    await Promise.all([...opened].map((box) => box.kill()));
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** What one box knows of tokens, which it tells nobody. */
export const ownMemory = (state: StateFile): StateFile & TokenMemory =>
  Object.assign(state, { writtenWithOutcome: () => () => undefined });

async function openBox(
  { server, given }: TestPool,
  name: string,
  stateFolder: string,
  { disk = systemDisk, clock = systemClock, predecessor, elsewhere, isDeaf = false }: BoxOptions,
  gone: () => void,
): Promise<TestBox> {
  const wire = await server.relay();
  if (isDeaf) wire.deafen();
  const url = [wire.url, ...(elsewhere === undefined ? [] : [elsewhere])].join(',');
  const pool = await openPool({ ...given, url, box: name }, { clock, waitMs: 5_000 });
  const { database, sealing } = pool;
  const listening = new Listening(database, clock);
  const state = StateFile.open(stateFolder, clock, disk);
  const box = { name, boot: `${name}-${fingerprint(String(Math.random())).slice(0, 8)}` };
  const trash = await DatabaseTrash.open({ database, sealing, listening, clock, box: name });
  const stillRunning = predecessor === undefined ? [] : [predecessor.boot];
  const parts = {
    database,
    sealing,
    listening,
    clock,
    disk,
    state: ownMemory(state),
    stateFolder,
    box,
    stillRunning,
    trash,
  };
  const { accounts, exchanges } = await openShared(parts);
  const unfollow = accounts.follow();
  await listening.start();
  return {
    ...{ name, boot: box.boot, pool, accounts, exchanges, state, wire, stateFolder },
    async kill() {
      gone();
      unfollow();
      listening.stop();
      exchanges.stop();
      accounts.close();
      wire.refuse();
      await database.close();
    },
  };
}
