import { saying } from '../words/saying.js';
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { CannotRun } from '../ground/errors.js';
import { SettingsError } from '../settings/settings-error.js';
import type { Database } from './database.js';
import { Sealing } from './sealing.js';
import type { Statements } from './statements.js';
import { MIGRATIONS, MIN_READER, SCHEMA_VERSION } from './tables.js';

/** What a pool says of itself. */
export interface PoolMeta {
  /** Its id: what was sealed for another pool does not open here. */
  readonly pool: string;
  readonly schemaVersion: number;
  /** Programs whose schema is older than this cannot read it. */
  readonly minReader: number;
  /** A text that every key of the pool opens, in base64. */
  readonly keyCheck: string;
}

const MetaRow = v.object({ k: v.string(), v: v.string() });
const Found = v.object({ found: v.boolean() });
const KEY_CHECK = 'the key of this pool';
const CHECK_PLACE = { table: 'meta', row: 'key_check', column: 'v' } as const;

/** The pool in a schema; null: there is none. @throws {CannotRun} what stands there is damaged */
export async function readMeta(statements: Statements, schema: string): Promise<PoolMeta | null> {
  const [table] = await statements.rows(
    Found,
    `select exists(select 1 from pg_tables where schemaname = $1 and tablename = 'meta') as found`,
    [schema],
  );
  if (table?.found !== true) return null;
  const rows = new Map((await statements.rows(MetaRow, 'select k, v from {meta}')).map(({ k, v }) => [k, v]));
  if (rows.size === 0) return null;
  const meta = {
    pool: rows.get('pool') ?? '',
    schemaVersion: Number(rows.get('schema')),
    minReader: Number(rows.get('min_reader')),
    keyCheck: rows.get('key_check') ?? '',
  };
  if (meta.pool !== '' && meta.schemaVersion >= 1 && meta.minReader >= 1 && meta.keyCheck !== '') return meta;
  throw new CannotRun(
    'POOL_DAMAGED',
    saying('the table meta of the schema {schema} is damaged; restore it from a backup of the database', { schema }),
  );
}

/** The pool in a schema. @throws {CannotRun} there is none, or it is too new for this program */
export async function usablePool(statements: Statements, schema: string): Promise<PoolMeta> {
  const meta = await readMeta(statements, schema);
  if (meta === null)
    throw new CannotRun(
      'NO_POOL',
      saying('there is no pool in the schema {schema} of the database; `regrant database init` makes one', { schema }),
    );
  if (meta.minReader > SCHEMA_VERSION)
    throw new CannotRun(
      'POOL_TOO_NEW',
      saying(
        'the pool was made by a newer regrant (it wants schema {wanted}, this one has {own}); update regrant on this machine',
        { wanted: meta.minReader, own: SCHEMA_VERSION },
      ),
    );
  return meta;
}

/** Seals and opens with these keys. @throws {SettingsError} none of them is the pool's */
export function sealingOf(meta: PoolMeta, key: Buffer, oldKeys: readonly Buffer[]): Sealing {
  const sealing = new Sealing(meta.pool, key, oldKeys);
  if (sealing.open(CHECK_PLACE, Buffer.from(meta.keyCheck, 'base64')) === KEY_CHECK) return sealing;
  throw new SettingsError(
    saying(
      'database.key is not the key of this pool; give the key that its other boxes have (one that it had before belongs in database.oldKeys)',
    ),
  );
}

/**
 * Makes a pool in a schema; where one stands nothing is changed.
 *
 * @returns whether it was made now
 */
export function makePool(database: Database, schema: string, key: Buffer): Promise<boolean> {
  return database.transaction(async (statements) => {
    await exclusively(statements, schema);
    if ((await readMeta(statements, schema)) !== null) return false;
    const schemas = await statements.rows(
      Found,
      'select exists(select 1 from pg_namespace where nspname = $1) as found',
      [schema],
    );
    if (schemas[0]?.found !== true) await statements.run(`create schema "${schema}"`);
    for (const text of MIGRATIONS.flat()) await statements.run(text);
    const pool = randomUUID();
    await putMeta(statements, {
      ...{ pool, schema: String(SCHEMA_VERSION), min_reader: String(MIN_READER) },
      key_check: keyCheckOf(new Sealing(pool, key)),
    });
    return true;
  });
}

/** Seals the check with the present key, so that a box with none but older keys is turned away. */
export const renewKeyCheck = (statements: Statements, sealing: Sealing): Promise<void> =>
  putMeta(statements, { key_check: keyCheckOf(sealing) });

/**
 * Adds what newer versions of the schema have. Boxes that start at the same time wait for each other here.
 *
 * @returns the version before and after
 */
export function migrate(database: Database, schema: string): Promise<{ readonly from: number; readonly to: number }> {
  return database.transaction(async (statements) => {
    await exclusively(statements, schema);
    const { schemaVersion: from } = await usablePool(statements, schema);
    if (from >= SCHEMA_VERSION) return { from, to: from };
    for (const text of MIGRATIONS.slice(from).flat()) await statements.run(text);
    await putMeta(statements, { schema: String(SCHEMA_VERSION), min_reader: String(MIN_READER) });
    return { from, to: SCHEMA_VERSION };
  });
}

/** Only one at a time makes or changes the tables of a schema, until the transaction ends. */
const exclusively = (statements: Statements, schema: string): Promise<number> =>
  statements.run('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`regrant ${schema}`]);

const keyCheckOf = (sealing: Sealing): string => sealing.seal(CHECK_PLACE, KEY_CHECK).toString('base64');

async function putMeta(statements: Statements, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    await statements.run('insert into {meta} (k, v) values ($1, $2) on conflict (k) do update set v = excluded.v', [
      key,
      value,
    ]);
  }
}
