import { randomUUID } from 'node:crypto';
import type { Clock } from '../ground/clock.js';
import { byItself } from '../ground/faults.js';
import { Listeners } from '../ground/listeners.js';
import type { DatabaseConnection, SqlValue } from './connection.js';
import type { Database } from './database.js';
import { unlessAway } from './database-errors.js';
import { oneAtATime } from '../ground/one-at-a-time.js';
import { Lapses } from './lapses.js';
import type { RowSchema } from './statements.js';

const LOOK_MS = 1000;
const WHOLE_MS = 300_000;
/** A notification that has not come back by then will not come. */
const PROBE_MS = 1000;
/** How often the listening connection is asked for a sign of life: it would hear nothing on a dead wire for ever. */
const PING_MS = 2000;

type Look = () => Promise<void>;

/**
 * How memory follows what other boxes write: by notifications, and in any case by a look each second and a full comparison
 * at each reconnect and every five minutes.
 */
export class Listening {
  /** Notifications do not come through: a pooler is in between. null: not known yet. */
  pollingOnly: boolean | null = null;
  /** When the database was found to be older than memory. */
  readonly lapses: Lapses;
  private connection: DatabaseConnection | null = null;
  private readonly told = new Listeners<[what: string, id: string]>();
  private readonly seconds: Look[] = [];
  private readonly wholes: Look[] = [];
  private readonly probes = new Map<string, () => void>();
  private readonly ends: (() => void)[] = [];
  private readonly timers = new Map<number, () => void>();
  private isStopped = false;
  private readonly inTurn = oneAtATime();
  private readonly asking = oneAtATime();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    this.lapses = new Lapses(clock);
  }

  /** Calls `listener` with what another box said that it has changed: `account` and its id. */
  onTold(listener: (what: string, id: string) => void): () => void {
    return this.told.add(listener);
  }

  /** Calls `look` each second while the database is there, but never before its last call is over. */
  onSecond(look: Look): void {
    this.seconds.push(look);
  }

  /** Calls `compare`, in the order of these calls, after each reconnect, every five minutes, and at a lapse of the database. */
  onWhole(compare: Look): void {
    this.wholes.push(compare);
  }

  /**
   * Asks on the connection that hears: it is always there, and has nothing else to do. Where nothing is heard, on any.
   *
   * @throws {DatabaseAway | StatementFailed}
   */
  rows<Row>(row: RowSchema<Row>, text: string, values?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.asking(() => {
      const { connection, database } = this;
      return (connection === null ? database : database.statementsOver(connection)).rows(row, text, values);
    });
  }

  /** Hears from now on; `database` is up. */
  async start(): Promise<void> {
    this.ends.push(
      this.database.onUp((isFirst) => (isFirst ? undefined : byItself('hearing the database', this.afterReconnect()))),
      this.database.onDown(() => (this.connection = null)),
    );
    await unlessAway(this.listen());
    this.each(LOOK_MS, async () => {
      await inTurn(this.seconds);
      if (this.lapses.isOpen) await this.compare();
    });
    this.each(WHOLE_MS, () => this.compare());
    this.each(PING_MS, () => inTurn([() => this.ping()]));
  }

  stop(): void {
    this.isStopped = true;
    for (const end of [...this.ends.splice(0), ...this.timers.values()]) end();
  }

  private async ping(): Promise<void> {
    await this.asking(async () => this.connection?.ask('select 1'));
  }

  private async afterReconnect(): Promise<void> {
    await unlessAway(this.listen());
    await this.compare();
  }

  private compare(): Promise<void> {
    return this.inTurn(() => inTurn(this.wholes));
  }

  /** Listens, and finds out whether that is of any use. */
  private async listen(): Promise<void> {
    const connection = await this.database.ownConnection();
    connection.onNotification((payload, sender) => this.hear(payload, sender));
    await connection.ask(`listen "${this.database.channel}"`);
    const comesBack = await this.probe();
    this.pollingOnly = !comesBack;
    if (comesBack) this.connection = connection;
    else await this.database.giveBack(connection);
  }

  /** Whether a notification that another connection sends comes through. */
  private async probe(): Promise<boolean> {
    const id = randomUUID();
    let cancel = (): void => undefined;
    const back = new Promise<boolean>((resolve) => {
      this.probes.set(id, () => resolve(true));
      cancel = this.clock.after(PROBE_MS, () => resolve(false));
    });
    try {
      await this.database.run('select pg_notify($1, $2)', [this.database.channel, `probe:${id}`]);
      return await back;
    } finally {
      cancel();
      this.probes.delete(id);
    }
  }

  /** What this box wrote itself it knows, and does not read again. */
  private hear(payload: string, sender: number): void {
    const colon = payload.indexOf(':');
    const [what, id] = [payload.slice(0, colon), payload.slice(colon + 1)];
    if (what === 'probe') this.probes.get(id)?.();
    else if (!this.database.isAnsweredBy(sender)) this.told.tell(what, id);
  }

  private each(ms: number, look: Look): void {
    const next = (): void => (this.isStopped ? undefined : this.each(ms, look));
    const cancel = this.clock.after(ms, () => {
      const all = this.database.isUp ? look() : Promise.resolve();
      byItself('looking into the database', all.finally(next));
    });
    this.timers.set(ms, cancel);
  }
}

async function inTurn(looks: readonly Look[]): Promise<void> {
  for (const look of looks) await unlessAway(look());
}
