import * as v from 'valibot';
import type { Statements } from './statements.js';
import { jsonOf } from '../ground/json.js';

/** The tables whose changes are numbered. */
export type NumberedTable = 'refused' | 'grant_record' | 'login' | 'cool_down' | 'resource' | 'client_key' | 'setting';

/** What a box tells the others of a change that it made. */
export interface Told {
  readonly box: string;
  /** The number of the change: each table counts its own, in the order in which they came into effect. */
  readonly number: number;
  /** The rows that changed; null: any may have. */
  readonly keys: readonly string[] | null;
}

/** PostgreSQL takes 8,000 bytes in a notification. */
const MOST_BYTES = 7_000;

/** Where a box tells of its changes. */
export interface Teller {
  readonly channel: string;
  readonly box: string;
}

const NUMBERED = `with counted as (
    insert into {meta} as m (k, v) values ($1, '1') on conflict (k) do update set v = (m.v::bigint + 1)::text returning v
  ) select v::bigint as number, pg_notify($2, $3 || v || $4) from counted`;

const NumberRow = v.object({ number: v.number() });

/**
 * Numbers a change and tells the other boxes once the transaction of `statements` is over. Nobody else can change the
 * table until then, so it comes last in it.
 *
 * @returns the number
 */
export async function tellChange(
  statements: Statements,
  { channel, box }: Teller,
  table: NumberedTable,
  keys: readonly string[],
): Promise<number> {
  const named = JSON.stringify(keys);
  const behind = `,"keys":${Buffer.byteLength(named) > MOST_BYTES ? 'null' : named}}`;
  const ahead = `${table}:{"box":${JSON.stringify(box)},"number":`;
  const [row] = await statements.rows(NumberRow, NUMBERED, [numberKey(table), channel, ahead, behind]);
  return row?.number ?? 0;
}

const NUMBER_KEY = 'changes ';
const numberKey = (table: NumberedTable): string => `${NUMBER_KEY}${table}`;

const CountRow = v.object({ table: v.string(), number: v.number() });

/** The number of the last change of each table. */
export async function lastNumbers(statements: Statements): Promise<ReadonlyMap<string, number>> {
  const text = `select substr(k, ${NUMBER_KEY.length + 1}) as table, v::bigint as number from {meta} where k like '${NUMBER_KEY}%'`;
  const rows = await statements.rows(CountRow, text);
  return new Map(rows.map(({ table, number }) => [table, number]));
}

/** The highest numbers that a database has said. */
export class HighestNumbers {
  private known: ReadonlyMap<string, number> = new Map();

  /** @returns whether one of them is lower than it was: the database is older than it was then */
  haveGoneBack(now: ReadonlyMap<string, number>): boolean {
    const isOlder = [...this.known].some(([table, number]) => (now.get(table) ?? 0) < number);
    this.known = now;
    return isOlder;
  }
}

const ToldSchema = v.object({ box: v.string(), number: v.number(), keys: v.nullable(v.array(v.string())) });

/** Reads what was told behind the table's name; null: it is something else. */
export function toldIn(text: string): Told | null {
  const read = v.safeParse(ToldSchema, jsonOf(text));
  return read.success ? read.output : null;
}

/** Which changes of a table memory has, by their numbers. */
export class SeenNumbers {
  private all = 0;
  /** Numbers beyond it. */
  private readonly ahead = new Set<number>();
  /** The number that the last look found, where memory had not come to it yet. */
  private missing = 0;

  /** Memory has everything up to this number. */
  get upTo(): number {
    return this.all;
  }

  /** Everything up to this number has been read. */
  wholeAt(number: number): void {
    this.all = number;
    for (const one of this.ahead) if (one <= number) this.ahead.delete(one);
    this.closeUp();
  }

  saw(number: number): void {
    if (number > this.all) this.ahead.add(number);
    this.closeUp();
  }

  /**
   * Whether changes up to `number` have not all come to memory, and will not by themselves: they were missing at the last
   * look too.
   */
  lacks(number: number): boolean {
    const wasMissing = this.missing > this.all;
    this.missing = number === this.all ? 0 : number;
    // a restored backup counts from an older number
    return number < this.all || (number > this.all && wasMissing);
  }

  /** What was seen ahead of a gap is bounded by what is made within a second or two, before the whole is read. */
  private closeUp(): void {
    while (this.ahead.delete(this.all + 1)) this.all++;
  }
}
