/** The kinds of account stores, as one suite of tests needs them. */
import { test } from 'uvu';
import type { AccountStore } from '../../src/store/accounts/account-store.js';
import { DatabaseAccounts } from '../../src/store/database/accounts/database-accounts.js';
import { AccountFiles } from '../../src/store/files/account-files.js';
import { systemClock } from '../../src/store/ground/clock.js';
import type { JsonObject } from '../../src/store/ground/json.js';
import { account, withDirectory } from './directory.js';
import { testDisk } from './disk.js';
import { withPool } from './boxes.js';
import { MemoryRows, noSpool } from './memory-rows.js';
import { pause } from './pause.js';
import { testOnPostgres, type PostgresServer } from './postgres.js';

/** A store, and what others do to what it keeps. */
export interface OpenKind {
  readonly store: AccountStore;
  /** What is saved of an account; null: nothing, or it is in the trash. */
  readonly saved: (id: string) => Promise<JsonObject | null>;
  /** Another process changes an account, or adds one. */
  readonly edit: (id: string, change: (json: JsonObject) => void) => Promise<void>;
  /** Another process makes an account unreadable. */
  readonly spoil: (id: string) => Promise<void>;
  /** Another process removes an account. */
  readonly take: (id: string) => Promise<void>;
  /** From now on nothing can be saved, or everything can again. */
  readonly saving: (can: 'fails' | 'works') => Promise<void>;
  /** Takes in what others did. */
  readonly notice: () => Promise<void>;
  /** Whether a credential that cannot be saved is kept elsewhere until it can be, and is not lost. */
  readonly spools?: true;
  /** Opens what is kept once more, as after a restart. */
  readonly again: () => Promise<AccountStore>;
}

export interface StoreKind {
  readonly name: string;
  /** A test that is handed a store with these accounts. */
  test(what: string, accounts: readonly JsonObject[], use: (kind: OpenKind) => Promise<void>): void;
}

const onFiles = (accounts: readonly JsonObject[], use: (kind: OpenKind) => Promise<void>): Promise<void> =>
  withDirectory(async (dir) => {
    for (const one of accounts) await dir.put(one);
    const disk = testDisk();
    const open = (): Promise<AccountFiles> => AccountFiles.open(dir.at('accounts'), systemClock, disk);
    const store = await open();
    const read = async (id: string): Promise<JsonObject | null> => dir.read(id).catch(() => null);
    try {
      await use({
        store,
        saved: read,
        async edit(id, change) {
          const json = (await read(id)) ?? account({ id });
          change(json);
          await dir.put({ ...json, id });
        },
        spoil: (id) => dir.putRaw(`${id}.json`, '{"id":'),
        take: (id) => dir.remove(id),
        saving(can) {
          if (can === 'fails') disk.fail('ENOSPC', 'create');
          else disk.mend();
          return Promise.resolve();
        },
        notice: () => store.reread(),
        again: open,
      });
    } finally {
      store.close();
    }
  });

async function inMemory(accounts: readonly JsonObject[], use: (kind: OpenKind) => Promise<void>): Promise<void> {
  const rows = new MemoryRows();
  for (const one of accounts) rows.put(String(one.id), one);
  const open = (): Promise<DatabaseAccounts> =>
    DatabaseAccounts.open({ rows, news: rows.news, clock: systemClock, spool: noSpool, successorOf: () => null });
  const store = await open();
  const saved = (id: string): JsonObject | null =>
    rows.at(id)?.removed === false ? (rows.at(id)?.json ?? null) : null;
  try {
    await use({
      store,
      saved: (id) => Promise.resolve(saved(id)),
      edit(id, change) {
        const json = structuredClone(saved(id) ?? account({ id }));
        change(json);
        rows.put(id, json);
        return Promise.resolve();
      },
      spoil(id) {
        rows.put(id, null);
        return Promise.resolve();
      },
      take(id) {
        rows.put(id, rows.at(id)?.json ?? null, { removed: true });
        return Promise.resolve();
      },
      saving(can) {
        rows.reach = can === 'fails' ? 'none' : 'works';
        return Promise.resolve();
      },
      notice: () => store.reread(),
      again: open,
    });
  } finally {
    store.close();
  }
}

const onPostgres = (
  server: PostgresServer,
  accounts: readonly JsonObject[],
  use: (kind: OpenKind) => Promise<void>,
): Promise<void> =>
  withPool(server, accounts, async (pool) => {
    const { accounts: store, pool: open, wire } = await pool.box('box-a');
    await use({
      ...{ store, saved: pool.get, spools: true },
      async edit(id, change) {
        const json = structuredClone((await pool.get(id)) ?? account({ id }));
        change(json);
        await pool.put(json);
      },
      async spoil(id) {
        await pool.sql('update {account} set secret = $2, version = version + 1 where id = $1', [
          id,
          Buffer.from('no secret'),
        ]);
      },
      async take(id) {
        await pool.sql(
          'update {account} set removed_at = now(), version = version + 1, changed_at = clock_timestamp() where id = $1',
          [id],
        );
      },
      async saving(can) {
        if (can === 'fails') wire.refuse();
        else wire.thaw();
        while (open.database.isUp !== (can === 'works')) await pause(5);
      },
      notice: () => store.reread(),
      again: async () => (await pool.box('box-c')).accounts,
    });
  });

export const kinds: readonly StoreKind[] = [
  { name: 'files', test: (what, accounts, use) => test(what, () => onFiles(accounts, use)) },
  { name: 'rows a moment away', test: (what, accounts, use) => test(what, () => inMemory(accounts, use)) },
  {
    name: 'PostgreSQL',
    test: (what, accounts, use) => testOnPostgres(what, (server) => onPostgres(server, accounts, use)),
  },
];
