import * as v from 'valibot';
import type { Database } from '../database/database.js';
import type { Sealing } from '../database/sealing.js';
import type { Statements } from '../database/statements.js';
import { setOwn } from '../ground/json.js';
import type { SharedValues } from '../settings/shared-values.js';
import { newApiKey } from '../settings/settings.js';
import { API_KEY, CLIENT, ClientSchema, DEFAULT_CLIENT, FILL, openedSetting, sealedSetting } from './setting-cells.js';

/** The settings that boxes share. */
export interface SharedSettings {
  readonly values: SharedValues;
  /** Keys of rows that do not open, or say nothing that can be used: they count as missing, and are left as they are. */
  readonly unreadable: readonly string[];
}

const RowSchema = v.object({ key: v.string(), secret: v.instance(Buffer) });

const ALL = 'select key, secret from {setting} order by key';
const SAVE =
  'insert into {setting} (key, secret) values ($1, $2) on conflict (key) do update set secret = excluded.secret';

/** @throws {DatabaseAway | StatementFailed} */
export async function readSharedValues(
  statements: Pick<Statements, 'rows'>,
  sealing: Sealing,
): Promise<SharedSettings> {
  const rows = await statements.rows(RowSchema, ALL);
  return valuesIn(rows.map(({ key, secret }) => [key, openedSetting(sealing, key, secret)]));
}

/** Makes the API key where there is none. @throws {DatabaseAway | StatementFailed} */
export async function ensureApiKey(statements: Pick<Statements, 'run'>, sealing: Sealing): Promise<void> {
  await statements.run(FILL, sealedSetting(sealing, API_KEY, newApiKey()));
}

/** Saves one for all boxes, and tells them. @throws {DatabaseAway | StatementFailed} */
export async function saveSharedSetting(
  database: Pick<Database, 'transaction' | 'channel'>,
  sealing: Sealing,
  key: string,
  value: unknown,
): Promise<void> {
  await database.transaction(async (statements) => {
    await statements.run(SAVE, sealedSetting(sealing, key, value));
    await statements.run('select pg_notify($1, $2)', [database.channel, 'setting:']);
  });
}

/** @param rows - each with its JSON, parsed; undefined where it does not open */
function valuesIn(rows: readonly (readonly [key: string, value: unknown])[]): SharedSettings {
  const clients: Record<string, { readonly id: string; readonly secret: string }> = {};
  const unreadable: string[] = [];
  let [defaultClient, apiKey]: [string | null, string] = [null, ''];
  for (const [key, value] of rows) {
    const client = v.safeParse(ClientSchema, value);
    if (key.startsWith(CLIENT) && client.success) setOwn(clients, key.slice(CLIENT.length), client.output);
    else if (key === DEFAULT_CLIENT && typeof value === 'string') defaultClient = value;
    else if (key === API_KEY && typeof value === 'string') apiKey = value;
    else unreadable.push(key);
  }
  // a default that is no client of these would end every start
  const isKnown = defaultClient !== null && (defaultClient === 'default' || Object.hasOwn(clients, defaultClient));
  const oauth = isKnown && defaultClient !== null ? { clients, defaultClient } : { clients };
  return { values: { oauth, proxy: { apiKey } }, unreadable };
}
