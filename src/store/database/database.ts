import { read, saying } from '../words/saying.js';
import { byItself } from '../ground/faults.js';
import type { Clock } from '../ground/clock.js';
import { Listeners } from '../ground/listeners.js';
import { DatabaseConnection, type SqlValue } from './connection.js';
import { DatabaseAway, isCollision } from './database-errors.js';
import type { DatabaseHost } from './hosts.js';
import { statementsOn, type RowSchema, type Statements } from './statements.js';
import { HostSearch } from './host-search.js';

/** Nothing is sent to Google for this long after a reconnect: what the new server does not know is told to it first. */
const QUIET_MS = 1500;
/** One listens; on each of the others one statement is under way at a time. */
const MOST_CONNECTIONS = 5;
/** How often a transaction that collided with another is tried again. */
const MOST_COLLISIONS = 8;
const AFTER_COLLISION_MS = 5;
/**
 * A box that is cut off in the middle of a transaction keeps its rows locked until the server ends that, and every other
 * box would wait for them. Whoever waits longer than `lock_timeout` begins anew, as often as it takes until that has ended:
 * without an answer within a second the server would be taken for lost, and that is also how late the server finds out that
 * two wait for each other. Settings of the transaction alone, so that a pooler may be between.
 */
const BEGIN = `begin; set local idle_in_transaction_session_timeout = '2s'; set local lock_timeout = '300ms'`;

export interface DatabaseParts {
  readonly hosts: readonly DatabaseHost[];
  readonly schema: string;
  readonly clock: Clock;
}

/**
 * The database, on whichever of its servers can be written to. Where that one is lost, the next is looked for until one is
 * found, and meanwhile every statement fails at once.
 */
export class Database implements Statements {
  /** When the present server was found, as `clock.monotonic` counts; null: there is none. */
  private upSince: number | null = null;
  private wasUp = false;
  private host: DatabaseHost | null = null;
  private idle: DatabaseConnection[] = [];
  private readonly all = new Set<DatabaseConnection>();
  /** Connections that are being opened. */
  private opening = 0;
  private readonly waiting: (() => void)[] = [];
  private search: HostSearch | null = null;
  private isClosed = false;
  private readonly ups = new Listeners<[isFirst: boolean]>();
  private readonly downs = new Listeners();
  private readonly statements: Statements;

  constructor(private readonly parts: DatabaseParts) {
    this.statements = statementsOn(parts.schema, (text, values) => this.ask(text, values));
  }

  /** The channel on which the boxes of this pool tell each other what changed. */
  get channel(): string {
    return `regrant_${this.parts.schema}`;
  }

  get isUp(): boolean {
    return this.upSince !== null;
  }

  /** Whether nothing may be sent to Google yet, because the database was lost and has only just been found again. */
  get isQuiet(): boolean {
    return this.quietUntil > this.parts.clock.monotonic();
  }

  private quietUntil = 0;

  /** Why it cannot be used now, in one line; null: it can. */
  get trouble(): string | null {
    if (this.isUp) return null;
    return this.search?.why() ?? 'the database is not connected';
  }

  /** The server in use. */
  get hostName(): string | null {
    return this.host?.name ?? null;
  }

  /** Whether no server can be used until a person has mended something. */
  get isHopeless(): boolean {
    return this.search?.isHopeless() ?? false;
  }

  /** Begins to look for a server. */
  start(): void {
    this.look();
  }

  /** Calls `listener` whenever a server was found. @returns ends that */
  onUp(listener: (isFirst: boolean) => void): () => void {
    return this.ups.add(listener);
  }

  /** Calls `listener` whenever the server was lost. @returns ends that */
  onDown(listener: () => void): () => void {
    return this.downs.add(listener);
  }

  rows<Row>(row: RowSchema<Row>, text: string, values?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.again(() => this.statements.rows(row, text, values));
  }

  run(text: string, values?: readonly SqlValue[]): Promise<number> {
    return this.again(() => this.statements.run(text, values));
  }

  /**
   * Runs statements that happen all or not at all. Where they collide with somebody else's, `act` is called again.
   *
   * @throws {DatabaseAway} it may have happened or not
   */
  transaction<T>(act: (statements: Statements) => Promise<T>): Promise<T> {
    return this.again(() => this.on((connection) => this.once(connection, act)));
  }

  /** A connection of its own, which nobody else uses. @throws {DatabaseAway} */
  async ownConnection(): Promise<DatabaseConnection> {
    if (this.host === null) throw this.away();
    return this.opened(this.host);
  }

  /** Statements over such a connection, on the tables of this pool. */
  statementsOver(connection: DatabaseConnection): Statements {
    return statementsOn(this.parts.schema, (text, values) => connection.ask(text, values));
  }

  /** Whether one of these connections is answered by this process of the server. */
  isAnsweredBy(serverProcess: number): boolean {
    return [...this.all].some((connection) => connection.serverProcess === serverProcess);
  }

  /** Ends a connection that was handed out by `ownConnection`. */
  async giveBack(connection: DatabaseConnection): Promise<void> {
    this.all.delete(connection);
    await connection.close();
  }

  /** Ends every connection; statements under way are waited for. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.search?.end();
    this.upSince = null;
    for (const wake of this.waiting.splice(0)) wake();
    await Promise.all([...this.all].map((connection) => connection.close()));
    this.all.clear();
    this.idle = [];
  }

  private async once<T>(connection: DatabaseConnection, act: (statements: Statements) => Promise<T>): Promise<T> {
    await connection.ask(BEGIN);
    try {
      const done = await act(this.statementsOver(connection));
      await connection.ask('commit');
      return done;
    } catch (error) {
      if (connection.isOpen) await connection.ask('rollback').catch(() => connection.discard());
      throw error;
    }
  }

  private async again<T>(act: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await act();
      } catch (error) {
        if (!isCollision(error) || tries === MOST_COLLISIONS) throw error;
        await this.parts.clock.wait(AFTER_COLLISION_MS * tries);
      }
    }
  }

  private ask(text: string, values: readonly SqlValue[]): ReturnType<DatabaseConnection['ask']> {
    return this.on((connection) => connection.ask(text, values));
  }

  /** Runs `act` on a connection that nobody else uses meanwhile. */
  private async on<T>(act: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
    const connection = await this.free();
    try {
      return await act(connection);
    } finally {
      if (connection.isOpen) this.idle.push(connection);
      this.waiting.shift()?.();
    }
  }

  private async free(): Promise<DatabaseConnection> {
    for (;;) {
      if (this.host === null || !this.isUp) throw this.away();
      const connection = this.idle.pop();
      if (connection?.isOpen === true) return connection;
      if (connection === undefined && this.busy < MOST_CONNECTIONS) return this.opened(this.host);
      if (connection === undefined) await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  private get busy(): number {
    return this.all.size + this.opening - this.idle.length;
  }

  private async opened(host: DatabaseHost): Promise<DatabaseConnection> {
    this.opening++;
    try {
      const connection = await DatabaseConnection.open(host);
      if (host === this.host && !this.isClosed) {
        this.keep(connection);
        return connection;
      }
      connection.discard();
    } catch {
      if (host === this.host) this.lose();
    } finally {
      this.opening--;
    }
    throw this.away();
  }

  private keep(connection: DatabaseConnection): void {
    this.all.add(connection);
    connection.onClosed(() => {
      this.all.delete(connection);
      this.idle = this.idle.filter((one) => one !== connection);
      if (connection.host === this.host) this.lose();
    });
  }

  private away(): DatabaseAway {
    return new DatabaseAway(
      saying('the database cannot be reached: {why}', {
        why: this.trouble === null ? saying('the connection was lost') : read(this.trouble),
      }),
    );
  }

  /** One connection that broke or did not answer in time counts for all: each would cost a second to find out. */
  private lose(): void {
    if (!this.isUp || this.isClosed) return;
    this.upSince = null;
    this.host = null;
    for (const connection of [...this.all]) connection.discard();
    this.all.clear();
    this.idle = [];
    for (const wake of this.waiting.splice(0)) wake();
    this.look();
    this.downs.tell();
  }

  private look(): void {
    const search = new HostSearch(this.parts.hosts, this.parts.clock);
    this.search = search;
    byItself(
      'the search for the database',
      search.found.then((found) => (found === null ? undefined : this.found(found))),
    );
  }

  private found(connection: DatabaseConnection): void {
    if (this.isClosed) {
      connection.discard();
      return;
    }
    const isFirst = !this.wasUp;
    const now = this.parts.clock.monotonic();
    this.host = connection.host;
    this.wasUp = true;
    this.upSince = now;
    this.search = null;
    if (!isFirst) this.quietUntil = now + QUIET_MS;
    this.keep(connection);
    this.idle.push(connection);
    this.ups.tell(isFirst);
  }
}
