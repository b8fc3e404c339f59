import { reason, saying } from '../words/saying.js';
import * as v from 'valibot';
import type { Database } from '../database/database.js';
import { isDatabaseFault, unlessAway } from '../database/database-errors.js';
import type { LapsePart } from '../database/lapses.js';
import type { Listening } from '../database/listening.js';
import type { Statements } from '../database/statements.js';
import { BoundedMap } from '../ground/bounded-map.js';
import { byItself } from '../ground/faults.js';
import { Listeners } from '../ground/listeners.js';
import type { JsonObject } from '../ground/json.js';
import { oneAtATime } from '../ground/one-at-a-time.js';
import { changedKey, keysOf, type KeyChanges, type StoredKeys, notKept } from '../keys/key-file.js';
import type { KeyStore } from '../keys/key-store.js';
import { SettingsError } from '../settings/settings-error.js';
import { soundJson } from './shared-table.js';
import { tellChange } from '../database/told.js';

export interface SharedKeysParts {
  readonly database: Pick<Database, 'rows' | 'transaction' | 'channel'>;
  /** Name of this box. */
  readonly box: string;
  readonly listening: Pick<Listening, 'onTold' | 'onSecond' | 'onWhole' | 'lapses'>;
}

/** A document that is none of a key is told of by whoever reads the keys. */
const KeyRow = v.object({ name: v.string(), doc: v.unknown() });
/** When it was changed as the database writes it, to the microsecond. */
const DatedRow = v.object({ ...KeyRow.entries, changed: v.string() });
type Dated = v.InferOutput<typeof DatedRow>;
const SumRow = v.object({ sum: v.string() });

const ALL = 'select name, doc, changed_at::text as changed from {client_key} order by name';
/** Changes with every key that is added, changed or removed; by the last transaction also where a hand left the time. */
const SUM = `select count(*) || ' ' || coalesce(max(changed_at)::text, '') || ' ' ||
  coalesce(max(xmin::text::bigint)::text, '') as sum from {client_key}`;
const SAVE = `insert into {client_key} (name, doc, changed_at) values ($1, $2::jsonb, clock_timestamp())
  on conflict (name) do update set doc = excluded.doc, changed_at = excluded.changed_at`;
/** Of a database that is older than memory: what was changed last counts. */
const WRITE_BACK = `insert into {client_key} as k (name, doc, changed_at)
  select s->>'name', s->'doc', (s->>'changed')::timestamptz from jsonb_array_elements($1::jsonb) as s
  on conflict (name) do update set doc = excluded.doc, changed_at = excluded.changed_at
    where k.changed_at < excluded.changed_at`;
const REMOVE_AGAIN = `delete from {client_key} as k using jsonb_array_elements($1::jsonb) as s
  where k.name = s->>'name' and k.changed_at <= (s->>'changed')::timestamptz`;
/** So many keys are remembered as removed. */
const MOST_REVOKED = 10_000;
const FROM = 'client_key in the database';

/** The client keys that several boxes share. A change is in the database before it counts, and then on every box. */
export class SharedKeys implements KeyStore {
  private rows = new Map<string, Dated>();
  /** Keys that were removed, as they were last. */
  private readonly revoked = new BoundedMap<string, Dated>(MOST_REVOKED);
  private readonly lapse: LapsePart;
  private sum = '';
  private readonly changes = new Listeners();
  private readonly inTurn = oneAtATime();

  private constructor(private readonly parts: SharedKeysParts) {
    this.lapse = parts.listening.lapses.part('client_key');
  }

  /** Reads the keys, and follows what other boxes change. @throws {DatabaseAway | StatementFailed} */
  static async open(parts: SharedKeysParts): Promise<SharedKeys> {
    const keys = new SharedKeys(parts);
    await keys.take();
    const { listening } = parts;
    listening.onTold((what) => {
      if (what === 'client_key') byItself('taking in client keys', keys.look());
    });
    listening.onSecond(() => keys.look());
    listening.onWhole(() => keys.look('whole'));
    return keys;
  }

  read(): StoredKeys {
    return keysOf({ keys: this.documents }, FROM);
  }

  async write(changes: KeyChanges): Promise<void> {
    const { database } = this.parts;
    try {
      await database.transaction((statements) => this.save(statements, changes));
      await this.inTurn(() => this.take());
    } catch (error) {
      if (!isDatabaseFault(error)) throw error;
      throw new SettingsError(saying('{why}; {lost}', { why: reason(error), lost: notKept(changes) }));
    }
  }

  private get documents(): JsonObject {
    return Object.fromEntries([...this.rows].map(([name, { doc }]) => [name, doc]));
  }

  follow(changed: () => void): () => void {
    return this.changes.add(changed);
  }

  private async save(statements: Statements, changes: KeyChanges): Promise<void> {
    const names = soundJson([...changes.keys()]);
    const these = 'where name in (select jsonb_array_elements_text($1::jsonb))';
    const rows = await statements.rows(KeyRow, `select name, doc from {client_key} ${these} order by name for update`, [
      names,
    ]);
    const before = new Map(rows.map(({ name, doc }) => [name, doc]));
    const after = new Map([...changes].map(([name, change]) => [name, changedKey(before.get(name), change)]));
    keysOf({ keys: Object.fromEntries([...after].filter(([, doc]) => doc !== null)) }, FROM);
    for (const [name, doc] of after) {
      if (doc === null) await statements.run('delete from {client_key} where name = $1', [name]);
      else await statements.run(SAVE, [name, soundJson(doc)]);
    }
    await this.tell(statements, [...after.keys()]);
  }

  private async tell(statements: Statements, names: readonly string[]): Promise<void> {
    const { database, box } = this.parts;
    await tellChange(statements, { channel: database.channel, box }, 'client_key', names);
  }

  /** Reads the keys anew, where something of them has changed; `whole`: in any case. */
  private look(how: 'whole' | 'changed' = 'changed'): Promise<void> {
    const lookNow = async (): Promise<void> => {
      const [row] = how === 'whole' ? [] : await this.parts.database.rows(SumRow, SUM);
      if (row?.sum === this.sum && !this.lapse.isDue) return;
      const before = JSON.stringify(this.documents);
      await this.take();
      if (JSON.stringify(this.documents) !== before) this.changes.tell();
    };
    // it is looked again at the next second, or reconnect
    return unlessAway(this.inTurn(lookNow));
  }

  private async take(): Promise<void> {
    const { database } = this.parts;
    const { lapse } = this;
    for (;;) {
      if (lapse.isDue) lapse.mended(await this.writeBack());
      const [row] = await database.rows(SumRow, SUM);
      const rows = await database.rows(DatedRow, ALL);
      await lapse.look();
      if (lapse.isDue) continue;
      this.believe(row?.sum ?? '', rows);
      return;
    }
  }

  private believe(sum: string, rows: readonly Dated[]): void {
    this.sum = sum;
    const now = new Map(rows.map((one) => [one.name, one]));
    for (const [name, gone] of this.rows) if (!now.has(name)) this.revoked.set(name, gone);
    for (const name of now.keys()) this.revoked.delete(name);
    this.rows = now;
  }

  /** A key that was made since comes back, and one that was revoked since does not. @returns how many rows were written */
  private writeBack(): Promise<number> {
    const { database } = this.parts;
    const [known, revoked] = [[...this.rows.values()], [...this.revoked.values()]];
    return database.transaction(async (statements) => {
      const written = await statements.run(WRITE_BACK, [soundJson(known)]);
      const removed = await statements.run(REMOVE_AGAIN, [soundJson(revoked)]);
      if (written + removed > 0) await this.tell(statements, []);
      return written + removed;
    });
  }
}
