import * as v from 'valibot';
import type { Trash, Trashed } from '../../accounts/trash.js';
import type { Clock } from '../../ground/clock.js';
import { parseExactly, printExactly } from '../../ground/exact-json.js';
import { byItself } from '../../ground/faults.js';
import type { JsonObject } from '../../ground/json.js';
import type { Database } from '../database.js';
import { unlessAway } from '../database-errors.js';
import type { Listening } from '../listening.js';
import type { Sealing } from '../sealing.js';
import { removedName, replacedName } from './trashed-in-pool.js';
import { whyNotWritten } from './why-not-written.js';

const ReplacedRow = v.object({ id: v.number(), account: v.string(), at: v.number() });
const SecretRow = v.object({ secret: v.instance(Buffer) });
const NextId = v.object({ id: v.number() });
const RemovedRow = v.object({ id: v.string(), at: v.number() });

const LOOK_EVERY_MS = 3_600_000;
const OLD = "< clock_timestamp() - interval '30 days'";

export interface DatabaseTrashParts {
  readonly database: Database;
  readonly sealing: Sealing;
  readonly listening: Pick<Listening, 'onTold' | 'onWhole'>;
  readonly clock: Clock;
  /** This box's name. */
  readonly box: string;
}

/** A replaced credential, and its row. */
interface Replaced extends Trashed {
  readonly row: number;
}

const placeOf = (row: number) => ({ table: 'replaced', row: String(row), column: 'secret' }) as const;
const replacedOf = ({ id: row, account: id, at }: v.InferOutput<typeof ReplacedRow>): Replaced => ({
  ...{ kind: 'replaced', id, row, at },
  file: replacedName(row, id, at),
});

/** The trash of all boxes: removed accounts are rows with a time, replaced credentials lie sealed in `replaced`. */
export class DatabaseTrash implements Trash {
  private all: readonly Replaced[] = [];
  private cancel = (): void => undefined;

  private constructor(private readonly parts: DatabaseTrashParts) {}

  /** @throws {DatabaseAway | StatementFailed} */
  static async open(parts: DatabaseTrashParts): Promise<DatabaseTrash> {
    const trash = new DatabaseTrash(parts);
    await trash.readReplaced();
    const read = (): Promise<void> => unlessAway(trash.readReplaced());
    parts.listening.onTold((what) => (what === 'replaced' ? byItself('reading the trash', read()) : undefined));
    parts.listening.onWhole(() => trash.readReplaced());
    return trash;
  }

  placeForRemoved(id: string): string {
    return `removed-${id}`;
  }

  async keepReplaced(id: string, json: JsonObject): Promise<Trashed> {
    const { database, sealing, box } = this.parts;
    // a number that is not used in the end is no loss, so that no transaction is needed
    const [next] = await database.rows(NextId, `select nextval(pg_get_serial_sequence('{replaced}', 'id')) as id`);
    const row = next?.id ?? 0;
    const values = [row, id, sealing.seal(placeOf(row), printExactly(json)), box, database.channel];
    const [kept] = await database.rows(
      ReplacedRow,
      `with kept as (insert into {replaced} (id, account, secret, box) values ($1, $2, $3, $4) returning id, account, at)
        select id, account, at, pg_notify($5, 'replaced:' || id) from kept`,
      values,
    );
    const replaced = replacedOf(kept ?? { id: row, account: id, at: this.parts.clock.now() });
    this.all = [...this.all.filter(({ row }) => row !== replaced.row), replaced];
    return replaced;
  }

  get isAwaiting(): boolean {
    return this.all.length > 0;
  }

  get awaited(): readonly string[] {
    return [...new Set(this.all.map(({ id }) => id))];
  }

  replacedAt(id: string): number | null {
    return this.all.filter((one) => one.id === id).at(-1)?.at ?? null;
  }

  async read(trashed: Trashed): Promise<JsonObject | null> {
    const row = this.rowOf(trashed);
    if (row === null) return null;
    try {
      const [found] = await this.parts.database.rows(SecretRow, 'select secret from {replaced} where id = $1', [row]);
      const text = found === undefined ? null : this.parts.sealing.open(placeOf(row), found.secret);
      return text === null ? null : parseExactly(text);
    } catch (error) {
      whyNotWritten(error);
      return null;
    }
  }

  async proven(id: string): Promise<void> {
    const rows = this.all.filter((one) => one.id === id).map(({ row }) => row);
    await this.drop(rows);
  }

  async discard(trashed: Trashed): Promise<void> {
    const row = this.rowOf(trashed);
    if (row !== null) await this.drop([row]);
  }

  async list(): Promise<readonly Trashed[]> {
    await this.readReplaced();
    const removed = await this.parts.database.rows(
      RemovedRow,
      'select id, removed_at as at from {account} where removed_at is not null',
    );
    const accounts = removed.map(({ id, at }): Trashed => {
      return { kind: 'removed', id, at, file: removedName(id, at) };
    });
    return [...accounts, ...this.all].sort((one, other) => one.at - other.at);
  }

  keepClear(): void {
    this.cancel = this.parts.clock.after(LOOK_EVERY_MS, () => {
      this.keepClear();
      byItself('the clearing of the trash', unlessAway(this.clearOld()));
    });
  }

  stop(): void {
    this.cancel();
  }

  /** By the database's clock, as everything in it. */
  private async clearOld(): Promise<void> {
    const { database } = this.parts;
    await database.run(`delete from {replaced} where at ${OLD}`);
    await database.run(`delete from {account} where removed_at ${OLD}`);
    await database.run(`delete from {exchange} where not open and taken_at ${OLD}`);
    await database.run(`delete from {successor} where at ${OLD}`);
    await this.readReplaced();
  }

  private async readReplaced(): Promise<void> {
    const rows = await this.parts.database.rows(ReplacedRow, 'select id, account, at from {replaced} order by id');
    this.all = rows.map(replacedOf);
  }

  /** A row that cannot be deleted now goes after thirty days. */
  private async drop(rows: readonly number[]): Promise<void> {
    this.all = this.all.filter(({ row }) => !rows.includes(row));
    const { database } = this.parts;
    await unlessAway(
      database.run(
        `with gone as (delete from {replaced} where id = any($1) returning id)
          select pg_notify($2, 'replaced:' || id) from gone`,
        [rows, database.channel],
      ),
    );
  }

  private rowOf({ kind, file }: Trashed): number | null {
    return kind === 'replaced' ? (this.all.find((one) => one.file === file)?.row ?? null) : null;
  }
}
