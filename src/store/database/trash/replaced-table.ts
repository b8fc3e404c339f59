import * as v from 'valibot';
import type { Database } from '../database.js';
import type { Sealing } from '../sealing.js';
import type { Statements } from '../statements.js';

/** A replaced credential as its row says. */
export interface ReplacedRow {
  readonly row: number;
  /** The account's id. */
  readonly id: string;
  /** ms since 1970. */
  readonly at: number;
}

const KnownRow = v.object({ id: v.number(), account: v.string(), at: v.number() });
const SecretRow = v.object({ id: v.number(), secret: v.instance(Buffer) });
const WholeRow = v.object({ ...KnownRow.entries, ...SecretRow.entries });
const NextId = v.object({ id: v.number() });

/** So many are read at once: a statement has a second. */
const A_PAGE = 1_000;
/** One box after the other, until each transaction ends: two that tell of the same credential would add it twice. */
const IN_TURN = `select pg_advisory_xact_lock('{replaced}'::regclass::oid::bigint)`;
const SEQUENCE = `pg_get_serial_sequence('{replaced}', 'id')`;

const placeOf = (row: number) => ({ table: 'replaced', row: String(row), column: 'secret' }) as const;

export interface ReplacedTableParts {
  readonly database: Pick<Database, 'rows' | 'run' | 'transaction' | 'channel'>;
  readonly sealing: Sealing;
  /** This box's name. */
  readonly box: string;
}

/** The table `replaced`: the credentials that re-adds replaced, sealed. All of it fails with DatabaseAway or StatementFailed. */
export class ReplacedTable {
  constructor(private readonly parts: ReplacedTableParts) {}

  async all(): Promise<readonly ReplacedRow[]> {
    const rows = await this.parts.database.rows(KnownRow, 'select id, account, at from {replaced} order by id');
    return rows.map(({ id: row, account: id, at }) => ({ row, id, at }));
  }

  /** These of them, with what they say (null: it does not open). */
  async some(numbers: readonly string[]): Promise<readonly (ReplacedRow & { readonly text: string | null })[]> {
    const { database, sealing } = this.parts;
    const text = 'select id, account, at, secret from {replaced} where id = any($1::bigint[]) order by id';
    const rows = await database.rows(WholeRow, text, [numbers]);
    return rows.map(({ id: row, account: id, at, secret }) => ({
      ...{ row, id, at, text: sealing.open(placeOf(row), secret) },
    }));
  }

  /** What rows say; one that does not open is left out. */
  async texts(rows: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const { database, sealing } = this.parts;
    const texts = new Map<number, string>();
    for (let from = 0; from < rows.length; from += A_PAGE) {
      const page = rows.slice(from, from + A_PAGE);
      const found = await database.rows(SecretRow, 'select id, secret from {replaced} where id = any($1)', [page]);
      for (const { id, secret } of found) {
        const text = sealing.open(placeOf(id), secret);
        if (text !== null) texts.set(id, text);
      }
    }
    return texts;
  }

  /** Adds a credential. A number that is not used in the end is no loss, so that no transaction is needed. */
  async add(id: string, text: string): Promise<ReplacedRow> {
    const { database } = this.parts;
    const [next] = await database.rows(NextId, `select nextval(${SEQUENCE}) as id`);
    return this.insert(next?.id ?? 0, { id, text, at: null }, database);
  }

  /** Adds one that a box has known since `at`, unless it is there. */
  addAgain(id: string, text: string, at: number): Promise<ReplacedRow> {
    // the sequence of a database that was put back to an older state gives numbers that are taken by now
    const free = `select setval(${SEQUENCE}, greatest(nextval(${SEQUENCE}), coalesce(max(id) + 1, 1))) as id from {replaced}`;
    return this.parts.database.transaction(async (statements) => {
      await statements.run(IN_TURN);
      const [known] = await this.standing(id, at, statements);
      if (known !== undefined) return { row: known.id, id, at: known.at };
      const [next] = await statements.rows(NextId, free);
      return this.insert(next?.id ?? 0, { id, text, at }, statements);
    });
  }

  async drop(rows: readonly number[]): Promise<void> {
    const { database } = this.parts;
    await database.run(
      `with gone as (delete from {replaced} where id = any($1) returning id)
        select pg_notify($2, 'replaced:' || id) from gone`,
      [rows, database.channel],
    );
  }

  private standing(id: string, at: number, statements: Statements): Promise<readonly v.InferOutput<typeof KnownRow>[]> {
    const text = `select id, account, at from {replaced}
      where account = $1 and date_trunc('milliseconds', at) = to_timestamp($2::float8 / 1000)`;
    return statements.rows(KnownRow, text, [id, Math.floor(at)]);
  }

  /** @param at - null: now, by the database's clock */
  private async insert(
    row: number,
    { id, text, at }: { readonly id: string; readonly text: string; readonly at: number | null },
    statements: Pick<Statements, 'rows'>,
  ): Promise<ReplacedRow> {
    const { sealing, box, database } = this.parts;
    const since = at === null ? null : Math.floor(at);
    const [kept] = await statements.rows(
      KnownRow,
      `with kept as (insert into {replaced} (id, account, secret, box, at) values ($1, $2, $3, $4,
          coalesce(to_timestamp($5::float8 / 1000), clock_timestamp())) returning id, account, at)
        select id, account, at, pg_notify($6, 'replaced:' || id) from kept`,
      [row, id, sealing.seal(placeOf(row), text), box, since, database.channel],
    );
    return { row, id, at: kept?.at ?? 0 };
  }
}
