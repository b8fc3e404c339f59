import * as v from 'valibot';
import { accountOf } from '../../accounts/account.js';
import type { Patch } from '../../accounts/patches.js';
import { applied } from '../../accounts/pending.js';
import { grantKey } from '../../ground/fingerprint.js';
import type { JsonObject } from '../../ground/json.js';
import { sameJson } from '../../ground/merge.js';
import type { Database } from '../database.js';
import type { Sealing } from '../sealing.js';
import type { Statements } from '../statements.js';
import { columnsOf, ROW_COLUMNS, rowOf, RawRowSchema, type StoredRow } from './stored-row.js';
import type { KnownRow, StoredRows, RowVersion } from './stored-rows.js';
import { succeed, type Successors } from './successors.js';

const VersionSchema = v.object({ id: v.string(), version: v.number(), removed: v.boolean() });
const WrittenSchema = v.object({ version: v.number() });

const VERSIONS = 'select id, version, removed_at is not null as removed from {account}';
const RECENT = `${VERSIONS} where changed_at > clock_timestamp() - interval '60 s'`;

/** A statement has a second. */
const ROWS_A_PAGE = 2_000;

/** Ends a statement that writes a row: the other boxes are told its id. */
const told = `select version, pg_notify($1, 'account:' || id) from written`;

export interface AccountTableParts {
  readonly database: Database;
  readonly sealing: Sealing;
  readonly successors: Successors;
  /** This box's name. */
  readonly box: string;
  /** Where single rows are read, which others may wait for. */
  readonly hearing?: Pick<Statements, 'rows'>;
}

/** The table `account`. A patch is applied to the row under a lock on it, so that none is applied to what is gone. */
export class AccountTable implements StoredRows {
  constructor(private readonly parts: AccountTableParts) {}

  async read(ids: readonly string[] | null): Promise<readonly StoredRow[]> {
    if (ids !== null) return this.rows('where id = any($1)', [ids], this.parts.hearing);
    const all: StoredRow[] = [];
    for (;;) {
      const page = await this.rows(`where id > $1 order by id limit ${ROWS_A_PAGE}`, [all.at(-1)?.id ?? '']);
      all.push(...page);
      if (page.length < ROWS_A_PAGE) return all;
    }
  }

  versions(which: 'all' | 'recent'): Promise<readonly RowVersion[]> {
    return this.parts.database.rows(VersionSchema, which === 'all' ? VERSIONS : RECENT);
  }

  async change(id: string, patches: readonly Patch[], known: KnownRow | null = null): Promise<StoredRow | null> {
    return (
      (known === null ? null : await this.changeKnown(id, patches, known)) ?? this.changeLocked(id, patches, known)
    );
  }

  /**
   * @returns null: nothing is written, since the row is not as it is known here, somebody has locked it, or the new refresh
   * token was replaced
   */
  private async changeKnown(id: string, patches: readonly Patch[], known: KnownRow): Promise<StoredRow | null> {
    const { database, sealing, box } = this.parts;
    const json = applied(patches, known.json);
    if (sameJson(json, known.json)) return null;
    const { email, doc, secret, grantFp } = columnsOf(id, json, sealing);
    const [written] = await database.rows(
      WrittenSchema,
      `with free as (select id from {account} where id = $2 and version = $8 and grant_fp = $9 and removed_at is null
          and ($6 = $9 or not exists (select from {successor} where token_fp = $6)) for update skip locked),
        written as (update {account} a set email = $3, doc = $4::jsonb, secret = $5, grant_fp = $6, changed_by = $7,
          version = version + 1, changed_at = clock_timestamp() from free where a.id = free.id returning a.id, version)
        ${told}`,
      [database.channel, id, email, doc, secret, grantFp, box, known.version, grantKey(accountOf(known.json, id))],
    );
    if (written === undefined) return null;
    const content = { kind: 'account', json, account: accountOf(json, id) } as const;
    return { id, removed: false, version: written.version, content };
  }

  private changeLocked(id: string, patches: readonly Patch[], known: KnownRow | null): Promise<StoredRow | null> {
    return this.parts.database.transaction(async (statements) => {
      const [row] = await this.rows('where id = $1 for update', [id], statements);
      return row === undefined || row.removed ? (row ?? null) : this.put(row, patches, statements, known);
    });
  }

  async stand(id: string, json: JsonObject): Promise<StoredRow> {
    const { database, sealing, box } = this.parts;
    const { email, doc, secret, grantFp } = columnsOf(id, json, sealing);
    await database.run(
      `with written as (insert into {account} as a (id, email, doc, secret, grant_fp, changed_by)
        values ($2, $3, $4::jsonb, $5, $6, $7) on conflict (id) do update set email = excluded.email, doc = excluded.doc,
        secret = excluded.secret, grant_fp = excluded.grant_fp, changed_by = excluded.changed_by, removed_at = null,
        version = a.version + 1, changed_at = clock_timestamp() where a.removed_at is not null returning id, version)
        ${told}`,
      [database.channel, id, email, doc, secret, grantFp, box],
    );
    return this.one(id);
  }

  async mark(id: string, as: 'removed' | 'present', version = 0): Promise<StoredRow | null> {
    const { database, box } = this.parts;
    const removed = as === 'removed';
    await database.run(
      `with written as (update {account} set removed_at = case when $4 then clock_timestamp() end,
        version = greatest(version + 1, $5),
        changed_at = clock_timestamp(), changed_by = $3 where id = $2 and (removed_at is null) = $4 returning id, version)
        ${told}`,
      [database.channel, id, box, removed, version],
    );
    const [row] = await this.read([id]);
    return row ?? null;
  }

  async heal(id: string, older: number | null, json: JsonObject, version: number): Promise<StoredRow | null> {
    const { database, sealing, box } = this.parts;
    const { email, doc, secret, grantFp } = columnsOf(id, json, sealing);
    const values = [database.channel, id, email, doc, secret, grantFp, box, version];
    await (older === null
      ? database.run(
          `with written as (insert into {account} (id, email, doc, secret, grant_fp, changed_by, version)
            values ($2, $3, $4::jsonb, $5, $6, $7, $8) on conflict do nothing returning id, version) ${told}`,
          values,
        )
      : database.run(
          `with written as (update {account} set email = $3, doc = $4::jsonb, secret = $5, grant_fp = $6, changed_by = $7,
            version = $8, changed_at = clock_timestamp(), removed_at = null where id = $2 and version = $9 returning id, version) ${told}`,
          [...values, older],
        ));
    const [row] = await this.read([id]);
    return row ?? null;
  }

  /** The rows that hold this refresh token, removed ones too, locked until the transaction ends. */
  holding(tokenFp: string, statements: Statements): Promise<readonly StoredRow[]> {
    return this.rows('where grant_fp = $1 order by id for update', [tokenFp], statements);
  }

  /**
   * Applies patches to a row that is locked. One that cannot be read, or that they do not change, stays as it is.
   *
   * @param known - what memory has: a database that was put back to an older state is told that, since a change of what
   * stands there would get the version that memory has of something else
   */
  async put(
    row: StoredRow,
    patches: readonly Patch[],
    statements: Statements,
    known: KnownRow | null = null,
  ): Promise<StoredRow> {
    const { content, id } = row;
    if (content.kind === 'unreadable') return row;
    const newest = known !== null && known.version > row.version ? known : { version: row.version, json: content.json };
    const json = await this.succeeded(id, newest.json, applied(patches, newest.json), statements);
    if (sameJson(json, content.json)) return row;
    const { database, sealing, box } = this.parts;
    const { email, doc, secret, grantFp } = columnsOf(id, json, sealing);
    const [written] = await statements.rows(
      WrittenSchema,
      `with written as (update {account} set email = $3, doc = $4::jsonb, secret = $5, grant_fp = $6, changed_by = $7,
        version = $8::bigint + 1, changed_at = clock_timestamp() where id = $2 returning id, version) ${told}`,
      [database.channel, id, email, doc, secret, grantFp, box, newest.version],
    );
    return {
      ...{ id, removed: row.removed, version: written?.version ?? row.version },
      content: { kind: 'account', json, account: accountOf(json, id) },
    };
  }

  /** What is to be written, with the token that took the place of the one in it. */
  private async succeeded(
    id: string,
    before: JsonObject,
    json: JsonObject,
    statements: Statements,
  ): Promise<JsonObject> {
    const { refreshToken } = accountOf(json, id);
    if (refreshToken === accountOf(before, id).refreshToken) return json;
    const last = await this.parts.successors.last(refreshToken, statements);
    return last === null ? json : applied([succeed(refreshToken, last)], json);
  }

  private async one(id: string): Promise<StoredRow> {
    const [row] = await this.read([id]);
    if (row === undefined) throw new TypeError(`the row of ${id} is gone`);
    return row;
  }

  private async rows(
    where: string,
    values: readonly (string | readonly string[])[] = [],
    statements: Pick<Statements, 'rows'> = this.parts.database,
  ): Promise<readonly StoredRow[]> {
    const raw = await statements.rows(RawRowSchema, `select ${ROW_COLUMNS} from {account} ${where}`, values);
    return raw.map((one) => rowOf(one, this.parts.sealing));
  }
}
