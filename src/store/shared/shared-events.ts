import * as v from 'valibot';
import type { Database } from '../database/database.js';
import { unlessAway } from '../database/database-errors.js';
import type { LapsePart } from '../database/lapses.js';
import type { Listening } from '../database/listening.js';
import { PatientWrite, type TellTrouble } from '../disk/patient-write.js';
import type { Clock } from '../ground/clock.js';
import { byItself } from '../ground/faults.js';
import { oneAtATime } from '../ground/one-at-a-time.js';
import { EventMemory, type Events } from '../records/events.js';
import { type GrantEvent, grantEventKinds, type HappenedEvent } from '../records/grant-event.js';
import { soundJson } from './shared-table.js';

export interface SharedEventsParts {
  readonly database: Pick<Database, 'rows' | 'run' | 'transaction' | 'channel' | 'onUp'>;
  readonly listening: Pick<Listening, 'onTold' | 'onSecond' | 'onWhole' | 'lapses'>;
  /** Name of this box. */
  readonly box: string;
  readonly clock: Clock;
  readonly tell?: TellTrouble;
}

/** So many rows are kept, of all boxes together. */
const KEPT_ROWS = 10_000;
/** Events that wait for the database: the oldest of more are never saved. */
const MOST_UNSAVED = 5_000;
/** Events wait so long for others, ms. */
const SAVE_AFTER_MS = 20;
/** A row may come into effect after rows with higher ids: so many ids back are looked at again. */
const LATE_IDS = 500;

const text = v.fallback(v.string(), '');
const maybeNumber = v.nullable(v.number());

const RowSchema = v.object({
  ...{ id: v.number(), at: v.number(), box: text, kind: v.string(), accountId: text, email: text },
  ...{ cause: v.nullable(v.string()), tookMs: maybeNumber, nextAt: maybeNumber, text, detail: text },
});
const LastRow = v.object({ id: v.number() });
type Row = v.InferOutput<typeof RowSchema>;

const COLUMNS = `id, at, box, kind, account as "accountId", email, cause, took_ms as "tookMs", next_at as "nextAt", text,
  detail`;
const NEWEST = `select * from (select ${COLUMNS} from {event} order by id desc limit ${KEPT_ROWS}) as newest order by id`;
const SINCE = `select ${COLUMNS} from {event} where id > $1 and box is distinct from $2 order by id limit ${KEPT_ROWS}`;

const SAVE = `insert into {event} (at, box, kind, account, email, cause, took_ms, next_at, text, detail)
  select to_timestamp((e->>'at')::float8 / 1000), e->>'box', e->>'kind', e->>'accountId', e->>'email', e->>'cause',
    round((e->>'tookMs')::float8)::int, round((e->>'nextAt')::float8)::bigint, e->>'text', e->>'detail'
  from jsonb_array_elements($1::jsonb) as e`;
const TRIM = `delete from {event} where id <= (select id from {event} order by id desc offset ${KEPT_ROWS} limit 1)`;

const newestRows = (database: Pick<Database, 'rows'>): Promise<readonly Row[]> => database.rows(RowSchema, NEWEST);

/** The events that a database keeps, the oldest first. @throws {DatabaseAway | StatementFailed} */
export const keptEvents = async (database: Pick<Database, 'rows'>): Promise<readonly HappenedEvent[]> =>
  (await newestRows(database)).flatMap((row) => eventOf(row) ?? []);

/** null: of a kind that this version does not know. */
function eventOf({ id: _id, ...row }: Row): HappenedEvent | null {
  const kind = grantEventKinds.find((known) => known === row.kind);
  return kind === undefined ? null : { ...row, kind };
}

/** The events of all boxes of a pool: the newest in memory, 10,000 of them in its database. */
export class SharedEvents extends EventMemory implements Events {
  private readonly unsaved: HappenedEvent[] = [];
  private readonly writes: PatientWrite;
  private cancelSave: (() => void) | null = null;
  private lastId = 0;
  /** Ids of other boxes' rows that are in memory, as far back as they are looked at again. */
  private seen = new Set<number>();
  private readonly inTurn = oneAtATime();
  private readonly lapse: LapsePart;
  /** What memory knows of events that are told again, with other ids, to a database that had forgotten them. */
  private known: ReadonlySet<string> = new Set();

  private constructor(private readonly parts: SharedEventsParts) {
    super();
    this.lapse = parts.listening.lapses.part('event');
    this.writes = new PatientWrite({ clock: parts.clock, write: () => this.save(), tell: parts.tell });
  }

  /** Reads what is kept, and follows what other boxes tell. @throws {DatabaseAway | StatementFailed} */
  static async open(parts: SharedEventsParts): Promise<SharedEvents> {
    const events = new SharedEvents(parts);
    for (const row of await newestRows(parts.database)) events.take(row, 'before');
    const { database, listening, box } = parts;
    listening.onTold((what, who) => {
      if (what === 'event' && who !== box) byItself('taking in events', events.look());
    });
    listening.onSecond(() => events.look());
    listening.onWhole(() => events.lookBack());
    database.onUp(() => byItself('the writing of the events', events.writes.now()));
    return events;
  }

  add(event: HappenedEvent): GrantEvent {
    const here = { ...event, box: this.parts.box };
    this.unsaved.push(here);
    if (this.unsaved.length > MOST_UNSAVED) this.unsaved.shift();
    this.cancelSave ??= this.parts.clock.after(SAVE_AFTER_MS, () => {
      this.cancelSave = null;
      byItself('the writing of the events', this.writes.now());
    });
    return this.tell(here, 'here');
  }

  async flush(): Promise<void> {
    this.cancelSave?.();
    this.cancelSave = null;
    await this.writes.now();
  }

  private async save(): Promise<void> {
    const saved = [...this.unsaved];
    if (saved.length === 0) return;
    const { database, box } = this.parts;
    await database.transaction(async (statements) => {
      await statements.run(SAVE, [soundJson(saved)]);
      await statements.run('select pg_notify($1, $2)', [database.channel, `event:${box}`]);
    });
    const isSaved = new Set(saved);
    this.unsaved.splice(0, this.unsaved.length, ...this.unsaved.filter((event) => !isSaved.has(event)));
    // not in the transaction, where the rows that other boxes add just now are not seen
    await database.run(TRIM);
  }

  /** Takes in what other boxes have told; one look after the other. */
  private look(): Promise<void> {
    // it is looked again at the next second, or reconnect
    return unlessAway(this.inTurn(() => this.lookNow()));
  }

  /** A replica that was promoted may lack the newest rows, and gives their ids to others. */
  private async lookBack(): Promise<void> {
    const isOlder = this.lapse.isDue;
    const [row] = await this.parts.database.rows(LastRow, 'select coalesce(max(id), 0) as id from {event}');
    const last = row?.id ?? this.lastId;
    if (last < this.lastId || isOlder) {
      this.lastId = last;
      for (const id of this.seen) if (id > last) this.seen.delete(id);
      this.known = new Set(this.held().map(wordsOf));
    }
    if (isOlder) this.lapse.mended(await this.writeBack());
    await this.look();
  }

  /** Has the events of this box written again that the database lacks; what is older than all that it keeps is not missed. @returns how many */
  private async writeBack(): Promise<number> {
    const { database, box } = this.parts;
    const rows = await newestRows(database);
    const oldest = rows.length < KEPT_ROWS ? 0 : (rows[0]?.at ?? 0);
    const there = new SeenTimes(rows.filter((row) => row.box === box));
    const waiting = new Set(this.unsaved.map(wordsOf));
    const lost = this.held().filter((event) => event.box === box && event.at > oldest && !there.has(event));
    const again = lost.filter((event) => !waiting.has(wordsOf(event))).slice(-MOST_UNSAVED);
    this.unsaved.unshift(...again);
    await this.writes.now();
    return again.length;
  }

  private async lookNow(): Promise<void> {
    const { database, box } = this.parts;
    for (const row of await database.rows(RowSchema, SINCE, [this.lastId - LATE_IDS, box])) this.take(row, 'now');
    for (const id of this.seen) if (id <= this.lastId - LATE_IDS) this.seen.delete(id);
  }

  private take(row: Row, when: 'before' | 'now'): void {
    if (this.seen.has(row.id)) return;
    this.seen.add(row.id);
    this.lastId = Math.max(this.lastId, row.id);
    const event = eventOf(row);
    if (event === null || this.known.has(wordsOf(event))) return;
    if (when === 'before') this.keep(event);
    else this.tell(event, 'elsewhere');
  }
}

/** What an event says, by which it is known again. */
const wordsOf = ({ box, at, kind, accountId, text }: HappenedEvent): string =>
  JSON.stringify([box, at, kind, accountId, text]);

type Told = Pick<HappenedEvent, 'at' | 'kind' | 'accountId' | 'text'>;

/** Events that a database has: it keeps their times to the microsecond, and memory some digits more. */
class SeenTimes {
  private readonly times = new Map<string, number[]>();

  constructor(rows: readonly (Omit<Told, 'kind'> & { readonly kind: string })[]) {
    for (const row of rows) {
      const key = keyOf(row);
      const known = this.times.get(key);
      if (known === undefined) this.times.set(key, [row.at]);
      else known.push(row.at);
    }
  }

  has(event: Told): boolean {
    return this.times.get(keyOf(event))?.some((at) => Math.abs(at - event.at) < 1) ?? false;
  }
}

const keyOf = ({ kind, accountId, text }: Omit<Told, 'kind' | 'at'> & { readonly kind: string }): string =>
  soundJson([kind, accountId, text]);
