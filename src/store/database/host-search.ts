import { english } from '../words/saying.js';
import * as v from 'valibot';
import type { Clock } from '../ground/clock.js';
import { byItself } from '../ground/faults.js';
import { DatabaseConnection } from './connection.js';
import { refusalOf, type HostRefusal } from './database-errors.js';
import type { DatabaseHost } from './hosts.js';

/** A server that failed is tried again after this time. */
const AGAIN_MS = 200;
/** How long a server that answers waits for those named before it, which come first if they can be written to. */
const FORMER_MS = 300;
/** The oldest PostgreSQL whose SQL is used here. */
const OLDEST = 120_000;

const AboutServer = v.object({ recovery: v.boolean(), readonly: v.string(), version: v.number() });
const ASK = `select pg_is_in_recovery() as recovery, current_setting('transaction_read_only') as readonly,
  current_setting('server_version_num')::int as version`;

/**
 * Asks all servers at once, over and over, until one can be written to, and prefers those that are named first. Servers
 * in recovery, and those that are set to read only, are passed over.
 */
export class HostSearch {
  /** Resolves with a connection to the first of them that can be written to; null: the search was ended. */
  readonly found: Promise<DatabaseConnection | null>;
  private readonly refusals: (HostRefusal | null)[];
  private readonly open: (DatabaseConnection | null)[];
  private settle = (_found: DatabaseConnection | null): void => undefined;
  private isOver = false;

  constructor(
    private readonly hosts: readonly DatabaseHost[],
    private readonly clock: Clock,
  ) {
    this.refusals = hosts.map(() => null);
    this.open = hosts.map(() => null);
    this.found = new Promise((resolve) => (this.settle = resolve));
    hosts.forEach((host, at) => byItself(`the search for ${host.name}`, this.tryHost(host, at)));
  }

  /** What stands in the way at each, in one line. */
  why(): string {
    return this.hosts.map(({ name }, at) => this.refusals[at]?.text ?? `${name} does not answer`).join('; ');
  }

  /** Whether no server can be used until a person has mended something. */
  isHopeless(): boolean {
    return this.refusals.every((refusal) => refusal?.isFinal === true);
  }

  end(): void {
    this.finish(null);
  }

  private async tryHost(host: DatabaseHost, at: number): Promise<void> {
    while (!this.isOver) {
      const tried = await writableConnection(host);
      if (tried instanceof DatabaseConnection) {
        this.take(at, tried);
        return;
      }
      this.refusals[at] = tried;
      await new Promise<void>((resolve) => this.clock.after(AGAIN_MS, resolve));
    }
  }

  private take(at: number, connection: DatabaseConnection): void {
    if (this.isOver) {
      connection.discard();
      return;
    }
    this.open[at] = connection;
    // those before it either failed already, or get a moment more
    if (this.refusals.slice(0, at).every((refusal) => refusal !== null)) this.choose();
    else this.clock.after(FORMER_MS, () => this.choose());
  }

  private choose(): void {
    this.finish(this.open.find((one) => one?.isOpen === true) ?? null);
  }

  private finish(chosen: DatabaseConnection | null): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const connection of this.open) if (connection !== chosen) connection?.discard();
    this.settle(chosen);
  }
}

async function writableConnection(host: DatabaseHost): Promise<DatabaseConnection | HostRefusal> {
  let connection: DatabaseConnection;
  try {
    connection = await DatabaseConnection.open(host);
  } catch (error) {
    return refusalOf(host.name, error);
  }
  const refusal = await whyNotWritable(connection);
  if (refusal === null) return connection;
  connection.discard();
  return refusal;
}

async function whyNotWritable(connection: DatabaseConnection): Promise<HostRefusal | null> {
  const { name } = connection.host;
  try {
    const { rows } = await connection.ask(ASK);
    const about = v.parse(AboutServer, rows[0]);
    if (about.recovery)
      return {
        text: english('{host} is a replica (in recovery); name its primary in database.url too', { host: name }),
        isFinal: false,
      };
    if (about.readonly === 'on')
      return {
        text: english('{host} is set to read only; make it writable, or name another server in database.url', {
          host: name,
        }),
        isFinal: false,
      };
    if (about.version >= OLDEST) return null;
    return { text: english('{host} is older than PostgreSQL 12; update it', { host: name }), isFinal: true };
  } catch (error) {
    return refusalOf(name, error);
  }
}
