import { reason, saying } from '../words/saying.js';
import * as v from 'valibot';
import type { Database } from '../database/database.js';
import { isDatabaseFault, unlessAway } from '../database/database-errors.js';
import type { Listening } from '../database/listening.js';
import type { Statements } from '../database/statements.js';
import { byItself } from '../ground/faults.js';
import { isJsonObject, type JsonObject } from '../ground/json.js';
import { Listeners } from '../ground/listeners.js';
import { oneAtATime } from '../ground/one-at-a-time.js';
import { changedKey, keysOf, type KeyChanges, type StoredKeys, notKept } from '../keys/key-file.js';
import type { KeyStore } from '../keys/key-store.js';
import { SettingsError } from '../settings/settings-error.js';
import { soundJson } from './shared-table.js';

export interface SharedKeysParts {
  readonly database: Pick<Database, 'rows' | 'transaction' | 'channel'>;
  readonly listening: Pick<Listening, 'onTold' | 'onSecond' | 'onWhole'>;
}

const KeyRow = v.object({ name: v.string(), doc: v.custom<JsonObject>(isJsonObject) });
const SumRow = v.object({ sum: v.string() });

const ALL = 'select name, doc from {client_key} order by name';
/** Changes with every key that is added, changed or removed. */
const SUM = `select count(*) || ' ' || coalesce(max(changed_at)::text, '') as sum from {client_key}`;
const SAVE = `insert into {client_key} (name, doc, changed_at) values ($1, $2::jsonb, clock_timestamp())
  on conflict (name) do update set doc = excluded.doc, changed_at = excluded.changed_at`;
const FROM = 'client_key in the database';

/** The client keys that several boxes share. A change is in the database before it counts, and then on every box. */
export class SharedKeys implements KeyStore {
  private documents = new Map<string, JsonObject>();
  private sum = '';
  private readonly changes = new Listeners();
  private readonly inTurn = oneAtATime();

  private constructor(private readonly parts: SharedKeysParts) {}

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
    return keysOf({ keys: Object.fromEntries(this.documents) }, FROM);
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
    await statements.run('select pg_notify($1, $2)', [this.parts.database.channel, 'client_key:']);
  }

  /** Reads the keys anew, where something of them has changed; `whole`: in any case. */
  private look(how: 'whole' | 'changed' = 'changed'): Promise<void> {
    const lookNow = async (): Promise<void> => {
      const [row] = how === 'whole' ? [] : await this.parts.database.rows(SumRow, SUM);
      if (row?.sum === this.sum) return;
      const before = JSON.stringify([...this.documents]);
      await this.take();
      if (JSON.stringify([...this.documents]) !== before) this.changes.tell();
    };
    // it is looked again at the next second, or reconnect
    return unlessAway(this.inTurn(lookNow));
  }

  private async take(): Promise<void> {
    const { database } = this.parts;
    const [row] = await database.rows(SumRow, SUM);
    const rows = await database.rows(KeyRow, ALL);
    this.sum = row?.sum ?? '';
    this.documents = new Map(rows.map(({ name, doc }) => [name, doc]));
  }
}
