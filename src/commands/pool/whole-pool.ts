import * as v from 'valibot';
import { AccountTable } from '../../store/database/accounts/account-table.js';
import { Successors } from '../../store/database/accounts/successors.js';
import { openPool } from '../../store/database/open-pool.js';
import { isJsonObject, type JsonObject } from '../../store/ground/json.js';
import { readSharedValues } from '../../store/shared/shared-settings.js';
import type { Context } from '../context.js';
import { databaseGiven, withDatabase } from './database-given.js';

/** What the database of a pool keeps of accounts, OAuth clients and client keys. */
export interface WholePool {
  /** Those that are not in the trash, by id. */
  readonly accounts: readonly JsonObject[];
  /** Rows of accounts that cannot be read, each with why. */
  readonly unreadable: readonly { readonly id: string; readonly reason: string }[];
  readonly clients: Readonly<Record<string, { readonly id: string; readonly secret: string }>>;
  readonly keys: JsonObject;
  readonly apiKey: string;
}

const KeyRow = v.object({ name: v.string(), doc: v.custom<JsonObject>(isJsonObject) });

/** Reads it as it is now. @throws {CannotRun | SettingsError} the database cannot be used */
export function readWholePool(context: Context): Promise<WholePool> {
  return withDatabase(databaseGiven(context), context.clock, openPool, async ({ database, sealing }) => {
    const box = 'export';
    const table = new AccountTable({ database, sealing, successors: new Successors(sealing, box), box });
    const rows = (await table.read(null)).filter(({ removed }) => !removed);
    const keys = await database.rows(KeyRow, 'select name, doc from {client_key} order by name');
    const { values } = await readSharedValues(database, sealing);
    return {
      accounts: rows.flatMap(({ content }) => (content.kind === 'account' ? [content.json] : [])),
      unreadable: rows.flatMap(({ id, content }) =>
        content.kind === 'unreadable' ? [{ id, reason: content.reason }] : [],
      ),
      clients: values.oauth.clients,
      apiKey: values.proxy.apiKey,
      keys: Object.fromEntries(keys.map(({ name, doc }) => [name, doc])),
    };
  });
}
