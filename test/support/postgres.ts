/**
 * A PostgreSQL of its own for each test file, started with the first test that wants it and ended with the file. It
 * comes from npm, else from the machine; where neither runs, the tests that need it are skipped aloud.
 */
import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { chown, cp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { test } from 'uvu';
import { freePort } from './free-port.js';
import {
  copyEmptyCluster,
  postgresBinaries,
  programOf,
  removeLeftFolders,
  serverFolder,
  spawnPostgres,
  type Binaries,
} from './postgres-binaries.js';
import { openRelay, type Relay } from './postgres-relay.js';

/** The settings `database.*` of one box. */
export interface DatabaseGiven {
  readonly url: string;
  readonly key: string;
  readonly oldKeys: readonly string[];
  readonly schema: string;
  readonly box: string;
}

/** A server that tests may do anything to. */
export interface PostgresServer {
  readonly port: number;
  /** As the superuser, without a password. */
  readonly url: string;
  /** The folder of its cluster. */
  readonly data: string;
  log(): string;
  /** Runs one statement as the superuser. */
  sql<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly Row[]>;
  /** @param how - `immediate` as a machine that loses power, `fast` as an administrator */
  stop(how?: 'immediate' | 'fast'): Promise<void>;
  /** Starts it again on its port. @param more - further settings of the server */
  start(more?: Settings): Promise<void>;
  /** Where its `pg_dump` and `pg_restore` are; null: it came without. */
  program(name: 'pg_dump' | 'pg_restore'): string | null;
  /** The settings of a box whose pool is in a schema of its own; no pool stands there yet. */
  pool(over?: Partial<DatabaseGiven>): DatabaseGiven;
  relay(): Promise<Relay & { readonly url: string }>;
  /** A second server that follows this one, asynchronously. @param throughPort - port of a relay to this one */
  replica(throughPort?: number): Promise<PostgresServer & { promote(): Promise<void> }>;
}

type Settings = Readonly<Record<string, string | number>>;

/** The runner looks for this line. */
const NONE = 'SKIPPED, no PostgreSQL runs here';

/** A test with the file's server; skipped aloud where none runs. */
export function testOnPostgres(name: string, use: (server: PostgresServer) => Promise<void>): void {
  if (postgresBinaries() !== null) {
    test(name, () => withPostgres(use));
    return;
  }
  console.log(`${NONE}: ${name}`);
  test.skip(name, () => undefined);
}

let shared: Promise<Server> | null = null;

/**
 * Hands in the test file's server. Tests of one file run one after the other and share it; each takes a schema of its
 * own by `pool()`. A server that a test leaves stopped is started for the next.
 */
export async function withPostgres(use: (server: PostgresServer) => Promise<void>): Promise<void> {
  const binaries = postgresBinaries();
  if (binaries === null) throw new Error(NONE);
  // the server does not keep the process alive, so that a file ends by itself; a test that waits for it does
  const waiting = setInterval(() => undefined, 1000);
  try {
    const server = await (shared ??= Server.make(binaries));
    if (!server.isRunning) await server.start();
    try {
      await use(server);
    } finally {
      await server.endExtras();
    }
  } finally {
    clearInterval(waiting);
  }
}

/** What makes a server cheap: what a test asks of it does not outlive the machine. */
const CHEAP: Settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '16MB',
  // in its folder: what a server that was stopped at once leaves in /dev/shm stays there
  dynamic_shared_memory_type: 'mmap',
  max_connections: 60,
  autovacuum: 'off',
  jit: 'off',
  wal_level: 'replica',
  max_wal_senders: 4,
  wal_keep_size: '32MB',
  min_wal_size: '2MB',
  hot_standby: 'on',
};

const started = new Set<Server>();

class Server implements PostgresServer {
  private child: ReturnType<typeof spawnPostgres> | null = null;
  private text = '';
  private admin: pg.Client | null = null;
  private extras: (() => Promise<void>)[] = [];
  private schemas = 0;

  private constructor(
    private readonly binaries: Binaries,
    private readonly folder: string,
    readonly port: number,
    private readonly settings: Settings,
  ) {
    started.add(this);
  }

  static async make(binaries: Binaries): Promise<Server> {
    removeLeftFolders();
    const folder = serverFolder(binaries);
    const server = new Server(binaries, folder, await freePort(), CHEAP);
    copyEmptyCluster(binaries, server.data);
    await server.start();
    return server;
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  get url(): string {
    return `postgres://regrant@127.0.0.1:${this.port}/postgres`;
  }

  get isRunning(): boolean {
    return this.child !== null;
  }

  log(): string {
    return this.text;
  }

  program(name: 'pg_dump' | 'pg_restore'): string | null {
    return programOf(this.binaries, name);
  }

  async start(more: Settings = {}): Promise<void> {
    const places = { listen_addresses: '127.0.0.1', port: this.port, unix_socket_directories: this.folder };
    const settings = Object.entries({ ...places, ...this.settings, ...more }).flatMap(([key, value]) => [
      '-c',
      `${key}=${value}`,
    ]);
    this.text = '';
    const child = spawnPostgres(this.binaries, this.folder, ['-D', this.data, ...settings]);
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`PostgreSQL ended: ${this.text}`)));
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        this.text += text;
        if (/ready to accept (?:read-only )?connections/.test(this.text)) resolve();
      });
    });
    child.once('exit', () => (this.child === child ? (this.child = null) : null));
    child.unref();
    (child.stderr as net.Socket | null)?.unref();
  }

  async stop(how: 'immediate' | 'fast' = 'fast'): Promise<void> {
    const { child } = this;
    if (child === null) return;
    child.ref();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(how === 'immediate' ? 'SIGQUIT' : 'SIGINT');
    await ended;
    this.admin = null;
  }

  async sql<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    if (this.admin === null) {
      const client = new pg.Client({ connectionString: this.url });
      client.on('error', () => undefined);
      client.once('end', () => (this.admin === client ? (this.admin = null) : null));
      await client.connect();
      (client.connection.stream as unknown as { unref(): void }).unref();
      this.admin = client;
    }
    return (await this.admin.query<Row>(text, [...values])).rows;
  }

  pool(over: Partial<DatabaseGiven> = {}): DatabaseGiven {
    const key = `base64:${randomBytes(32).toString('base64')}`;
    return { url: this.url, key, oldKeys: [], schema: `pool_${(this.schemas += 1)}`, box: 'box-a', ...over };
  }

  async relay(): Promise<Relay & { readonly url: string }> {
    const relay = await openRelay(this.port);
    this.extras.push(() => relay.close());
    return Object.assign(relay, { url: this.url.replace(`:${this.port}/`, `:${relay.port}/`) });
  }

  async replica(throughPort = this.port): Promise<PostgresServer & { promote(): Promise<void> }> {
    const folder = serverFolder(this.binaries);
    const conninfo = `host=127.0.0.1 port=${throughPort} user=regrant application_name=replica`;
    const replica = new Server(this.binaries, folder, await freePort(), { ...CHEAP, primary_conninfo: conninfo });
    await this.sql('select pg_backup_start($1, true)', ['replica']);
    const left = /\/(?:postmaster\.(?:pid|opts)|pg_replslot\/.+|pg_stat_tmp\/.+)$/;
    await cp(this.data, replica.data, { recursive: true, filter: (file) => !left.test(file), force: true });
    const [backup] = await this.sql<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    await writeFile(join(replica.data, 'backup_label'), backup?.labelfile ?? '');
    await writeFile(join(replica.data, 'standby.signal'), '');
    await handOver(replica.data, this.binaries);
    await replica.start();
    this.extras.push(() => replica.remove());
    return Object.assign(replica, {
      promote: async () => {
        await replica.sql('select pg_promote()');
      },
    });
  }

  async remove(): Promise<void> {
    await this.endExtras();
    await this.stop('immediate');
    started.delete(this);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async endExtras(): Promise<void> {
    for (const end of this.extras.splice(0)) await end();
  }

  /** At the end of the process, when nothing can be waited for. */
  endNow(): void {
    this.child?.kill('SIGQUIT');
    for (let tries = 0; this.child !== null && existsSync(join(this.data, 'postmaster.pid')) && tries < 100; tries++)
      execFileSync('sleep', ['0.02']);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

process.once('exit', () => {
  for (const server of started) server.endNow();
});

/** Gives a copied cluster to whom the server runs as; the server wants nobody else to be able to read it. */
async function handOver(data: string, { uid }: Binaries): Promise<void> {
  execFileSync('chmod', ['-R', 'go-rwx', data]);
  if (uid === undefined) return;
  execFileSync('chown', ['-R', `${uid}:${uid}`, data]);
  await chown(data, uid, uid);
}
