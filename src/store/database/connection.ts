import { saying } from '../words/saying.js';
import pg from 'pg';
import { parseExactly } from '../ground/exact-json.js';
import { DatabaseAway, isAnswer, statementFailed } from './database-errors.js';
import type { DatabaseHost } from './hosts.js';

export type SqlValue = string | number | boolean | Buffer | null | readonly string[] | readonly number[];

/** An answer that takes longer is not waited for. */
const QUERY_TIMEOUT_MS = 1000;
/** A connection over a long way takes seven round trips. */
const CONNECT_TIMEOUT_MS = 2000;

/** Object ids of types, as PostgreSQL numbers them. */
const [INT8, TIMESTAMPTZ, JSONB] = [20, 1184, 3802];

type TypeParser = (text: string) => unknown;
const usualParser = pg.types.getTypeParser as (oid: number, format?: string) => TypeParser;

/** What a Date can be, ms since 1970: PostgreSQL goes on for longer, and to `infinity`. */
const LAST_MS = 8.64e15;

/** A time in ms, with fractions, which a Date can be. */
function timeOf(text: string): number {
  const ms = Number(usualParser(TIMESTAMPTZ, 'text')(text));
  if (Number.isNaN(ms)) return text.endsWith('BC') ? -LAST_MS : LAST_MS;
  return Math.max(-LAST_MS, Math.min(LAST_MS, ms));
}
const jsonOfText: TypeParser = (text) => (text.startsWith('{') ? parseExactly(text) : JSON.parse(text));

/** Values as the program has them: numbers for bigint, ms since 1970 for a time, JSON with every digit. */
const ownParsers: ReadonlyMap<number, TypeParser> = new Map([
  [INT8, Number],
  [TIMESTAMPTZ, timeOf],
  [JSONB, jsonOfText],
]);
const types = {
  getTypeParser: ((oid: number, format?: string) =>
    ownParsers.get(oid) ?? usualParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** What one statement brought. */
export interface SqlAnswer {
  readonly rows: readonly unknown[];
  /** How many rows it hit. */
  readonly count: number;
}

/**
 * One connection to one server. Statements go one after the other, each awaited before the next; a connection that did
 * not answer in time is thrown away, since what it says later would be taken for something else.
 */
export class DatabaseConnection {
  isOpen = true;
  private readonly closings: (() => void)[] = [];

  private constructor(
    readonly host: DatabaseHost,
    private readonly client: pg.Client,
  ) {
    client.on('error', () => this.discard());
    client.once('end', () => this.discard());
  }

  /** @throws what node-postgres throws; `refusalOf` says what it means */
  static async open(host: DatabaseHost): Promise<DatabaseConnection> {
    const { name: _name, ...where } = host;
    const client = new pg.Client({
      ...where,
      types,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
    });
    try {
      // without a listener an error of a connection that was given up would end the program
      client.on('error', () => undefined);
      await client.connect();
      return new DatabaseConnection(host, client);
    } catch (error) {
      client.connection.stream.destroy();
      throw error;
    }
  }

  /**
   * Runs one statement.
   *
   * @throws {StatementFailed} the server cannot do it
   * @throws {DatabaseAway} there is no answer; the connection is discarded
   */
  async ask(text: string, values: readonly SqlValue[] = []): Promise<SqlAnswer> {
    try {
      const { rows, rowCount } = await this.client.query<pg.QueryResultRow>({ text, values: [...values] });
      return { rows, count: rowCount ?? 0 };
    } catch (error) {
      if (this.isOpen && isAnswer(error)) throw statementFailed(this.host.name, error);
      this.discard();
      throw new DatabaseAway(saying('the database at {name} does not answer', { name: this.host.name }), {
        cause: error,
      });
    }
  }

  /** Which of the server's processes answers; null: none that it told of. */
  get serverProcess(): number | null {
    return (this.client as pg.Client & { readonly processID?: number | null }).processID ?? null;
  }

  /** Calls `listener` with the payload of each notification, and the server's process that it was sent through. */
  onNotification(listener: (payload: string, sender: number) => void): void {
    this.client.on('notification', ({ payload, processId }) => listener(payload ?? '', processId));
  }

  /** Calls `listener` once the connection is of no use any more. */
  onClosed(listener: () => void): void {
    if (this.isOpen) this.closings.push(listener);
    else listener();
  }

  /** Ends it at once; a statement under way fails. */
  discard(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.client.connection.stream.destroy();
    for (const tell of this.closings.splice(0)) tell();
  }

  /** Lets the server know that nobody asks any more. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.closings.length = 0;
    await this.client.end().catch(() => undefined);
  }
}
