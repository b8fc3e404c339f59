import * as v from 'valibot';
import type { Database } from '../database/database.js';
import type { Sealing } from '../database/sealing.js';
import type { Statements } from '../database/statements.js';
import { setOwn } from '../ground/json.js';
import type { SharedValues } from '../settings/shared-values.js';
import { newApiKey } from '../settings/settings.js';
import { API_KEY, CLIENT, ClientSchema, DEFAULT_CLIENT, FILL, openedSetting, sealedSetting } from './setting-cells.js';
import { tellChange } from '../database/told.js';

/** Rows of `setting` as they stand: each key with its value, sealed. */
export type SealedSettings = ReadonlyMap<string, Buffer>;

/** The settings that boxes share. */
export interface SharedSettings {
  readonly values: SharedValues;
  /** Keys of rows that do not open, or say nothing that can be used: they count as missing, and are left as they are. */
  readonly unreadable: readonly string[];
  /** The rows that can be used. */
  readonly sealed: SealedSettings;
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
  const read = valuesIn(rows.map(({ key, secret }) => [key, openedSetting(sealing, key, secret)]));
  const usable = rows.filter(({ key }) => !read.unreadable.includes(key));
  return { ...read, sealed: new Map(usable.map(({ key, secret }) => [key, secret])) };
}

/** Makes the API key where there is none. @throws {DatabaseAway | StatementFailed} */
export async function ensureApiKey(statements: Pick<Statements, 'run'>, sealing: Sealing): Promise<void> {
  await statements.run(FILL, sealedSetting(sealing, API_KEY, newApiKey()));
}

/** Who saves a setting, and where. */
export interface SettingWriter {
  readonly database: Pick<Database, 'transaction' | 'channel'>;
  /** Name of this box. */
  readonly box: string;
}

/** Saves one for all boxes, and tells them. @throws {DatabaseAway | StatementFailed} */
export async function saveSharedSetting(
  { database, box }: SettingWriter,
  sealing: Sealing,
  key: string,
  value: unknown,
): Promise<void> {
  await database.transaction(async (statements) => {
    await statements.run(SAVE, sealedSetting(sealing, key, value));
    await tellChange(statements, { channel: database.channel, box }, 'setting', [key]);
  });
}

/** Writes rows as they were over what is otherwise, and tells the boxes. @returns how many @throws {DatabaseAway | StatementFailed} */
export function writeBackSettings({ database, box }: SettingWriter, sealed: SealedSettings): Promise<number> {
  return database.transaction(async (statements) => {
    let written = 0;
    for (const [key, secret] of sealed)
      written += await statements.run(`${SAVE} where {setting}.secret <> excluded.secret`, [key, secret]);
    if (written > 0) await tellChange(statements, { channel: database.channel, box }, 'setting', [...sealed.keys()]);
    return written;
  });
}

/** @param rows - each with its JSON, parsed; undefined where it does not open */
function valuesIn(rows: readonly (readonly [key: string, value: unknown])[]): Omit<SharedSettings, 'sealed'> {
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
