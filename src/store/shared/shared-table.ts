import { unlessAway } from '../database/database-errors.js';
import type { Database } from '../database/database.js';
import type { LapsePart, Lapses } from '../database/lapses.js';
import type { RowSchema } from '../database/statements.js';
import { BoundedMap } from '../ground/bounded-map.js';
import { byItself } from '../ground/faults.js';
import { Listeners } from '../ground/listeners.js';
import { oneAtATime } from '../ground/one-at-a-time.js';
import { soundText } from '../ground/text/sound-text.js';
import type { ChangedElsewhere } from '../state/state-store.js';
import { StateTable, type TableChanges } from '../state/state-table.js';
import { type NumberedTable, SeenNumbers, tellChange, type Teller, type Told } from '../database/told.js';

/** A record of a table, and the key that it has in memory and in what boxes tell each other. */
export interface Keyed<T> {
  readonly key: string;
  readonly record: T;
}

/** How the records of one table are read and written. */
export interface TableShape<T> {
  readonly table: NumberedTable;
  readonly row: RowSchema<Keyed<T>>;
  /** Reads all rows. */
  readonly readAll: string;
  /** Reads those whose keys are in the list of JSON in `$1`. */
  readonly readSome: string;
  /** Saves a list of JSON in `$1`, of objects with `key` and what `saved` makes of the record; `$2` is the box. */
  readonly save: string;
  readonly saved: (record: T) => object;
  /** Removes those whose keys are in the list of JSON in `$1`. */
  readonly drop: string;
  /** Whether two records say the same to whoever reads them. */
  readonly isSame: (one: T, other: T) => boolean;
  /** Whether `save` would keep the record before, which must go first. */
  readonly isCutShort?: (before: T, after: T) => boolean;
}

export interface SharedTableParts {
  readonly database: Pick<Database, 'rows' | 'transaction'>;
  readonly teller: Teller;
  readonly lapses: Lapses;
}

/** So many records are remembered as removed: a database that was put back to an older state has them again. */
const MOST_REMOVED = 10_000;

/**
 * A table of the database in memory. A change is in memory at once, and in the database with the next `write`; what
 * other boxes write comes to memory as they tell it. A record that is not written yet is ours whatever others write:
 * what `save` makes of both counts then.
 */
export class SharedTable<T> {
  readonly records: StateTable<T>;
  private readonly cutShort = new Set<string>();
  /** Keys of records that somebody else is writing, and by how many. */
  private readonly writtenNow = new Map<string, number>();
  /** Keys of records that somebody else has written: the other boxes are still to be told. */
  private readonly untold = new Set<string>();
  private readonly seen = new SeenNumbers();
  private readonly removed = new BoundedMap<string, true>(MOST_REMOVED);
  private readonly lapse: LapsePart;
  private readonly elsewhere = new Listeners<[changed: ChangedElsewhere<T>]>();
  private readonly keysElsewhere = new Listeners<[keys: readonly string[]]>();
  /** Reads and writes go one after the other, so that nothing older lands over something newer. */
  private readonly inTurn = oneAtATime();

  constructor(
    private readonly shape: TableShape<T>,
    private readonly parts: SharedTableParts,
  ) {
    this.records = new StateTable<T>(new Map(), shape);
    this.lapse = parts.lapses.part(shape.table);
  }

  get name(): NumberedTable {
    return this.shape.table;
  }

  onElsewhere(listener: (changed: ChangedElsewhere<T>) => void): () => void {
    return this.elsewhere.add(listener);
  }

  /** Likewise, with the keys of the records. */
  onKeysElsewhere(listener: (keys: readonly string[]) => void): () => void {
    return this.keysElsewhere.add(listener);
  }

  /** Makes the table hold these and nothing else. */
  replaceAll(records: Iterable<readonly [string, T]>): void {
    const { isCutShort } = this.shape;
    const all = [...records];
    if (isCutShort !== undefined) {
      for (const [key, record] of all) {
        const before = this.records.get(key);
        if (before !== undefined && isCutShort(before, record)) this.cutShort.add(key);
      }
    }
    this.records.replaceAll(all);
  }

  /** Another box has told of a change. */
  heard({ box, number, keys }: Told): void {
    if (box === this.parts.teller.box) return;
    const read = async (): Promise<void> => {
      if (keys === null) return this.readRows(number);
      await this.readSome(keys);
      this.seen.saw(number);
    };
    // what is not heard because the database was lost is read at the next reconnect
    byItself(`taking in ${this.name}`, unlessAway(this.inTurn(read)));
  }

  /** Reads all, if changes up to `number` have not come to memory. @param isDeaf - nobody is told of changes */
  async look(number: number, isDeaf: boolean): Promise<void> {
    if (this.lapse.isDue || this.seen.lacks(number) || (isDeaf && number !== this.seen.upTo))
      await this.readAll(number);
  }

  /**
   * Takes in everything as it is; of a database that is older than memory, because a backup was restored or a replica
   * promoted, what it lacks is written to it with the next `write`.
   *
   * @param number - that of the last change before
   */
  readAll(number: number): Promise<void> {
    return this.inTurn(() => this.readRows(number));
  }

  /** Writes what is not written yet. @throws {DatabaseAway | StatementFailed} it stays to be written */
  write(): Promise<void> {
    return this.inTurn(() => this.writeChanges());
  }

  /**
   * Somebody else is about to write these records as they are now, in a transaction of his own; the other boxes are told
   * from here. @returns to be called when that is over, with whether they are written
   */
  writtenElsewhere(keys: readonly string[]): (isWritten: boolean) => void {
    const { records, writtenNow, untold } = this;
    const meant = keys.filter((key) => records.isUnsaved(key)).map((key) => [key, records.get(key)] as const);
    for (const [key] of meant) writtenNow.set(key, (writtenNow.get(key) ?? 0) + 1);
    return (isWritten) => {
      for (const [key, record] of meant) {
        const others = (writtenNow.get(key) ?? 1) - 1;
        if (others > 0) writtenNow.set(key, others);
        else writtenNow.delete(key);
        if (!isWritten || records.get(key) !== record) continue;
        records.saved(key);
        this.remember(key, record ?? null);
        untold.add(key);
      }
    };
  }

  /** What is to be written from here. */
  private takeChanges(): TableChanges<T> {
    const { records, writtenNow } = this;
    const all = records.takeChanges();
    if (writtenNow.size > 0) records.putBack(all.filter(([key]) => writtenNow.has(key)));
    // in one order, so that two boxes do not wait for each other's rows
    return all.filter(([key]) => !writtenNow.has(key)).sort(([one], [other]) => (one < other ? -1 : 1));
  }

  private async writeChanges(): Promise<void> {
    const changes = this.takeChanges();
    const untold = [...this.untold];
    if (changes.length + untold.length === 0) return;
    this.untold.clear();
    const keys = [...changes.map(([key]) => key), ...untold];
    const saved = changes.flatMap(([key, record]) => (record === null ? [] : [{ key, ...this.shape.saved(record) }]));
    const dropped = changes.flatMap(([key, record]) => (record === null || this.cutShort.has(key) ? [key] : []));
    try {
      const { hit, number } = await this.writeRows(saved, dropped, keys);
      this.seen.saw(number);
      for (const key of dropped) this.cutShort.delete(key);
      for (const [key, record] of changes) this.remember(key, record);
      // of some records another box's counts
      if (hit < saved.length) await this.readSome(saved.map(({ key }) => key));
    } catch (error) {
      this.records.putBack(changes);
      for (const key of untold) this.untold.add(key);
      throw error;
    }
  }

  private writeRows(
    saved: readonly object[],
    dropped: readonly string[],
    keys: readonly string[],
  ): Promise<{ hit: number; number: number }> {
    const { database, teller } = this.parts;
    return database.transaction(async (statements) => {
      if (dropped.length > 0) await statements.run(this.shape.drop, [soundJson(dropped)]);
      const hit = saved.length === 0 ? 0 : await statements.run(this.shape.save, [soundJson(saved), teller.box]);
      return { hit, number: await tellChange(statements, teller, this.name, keys) };
    });
  }

  private async readSome(keys: readonly string[]): Promise<void> {
    const { database } = this.parts;
    this.take(await database.rows(this.shape.row, this.shape.readSome, [soundJson(keys)]), keys);
  }

  private async readRows(number: number): Promise<void> {
    const { records, seen } = this;
    const rows = await this.lapse.read(() => this.parts.database.rows(this.shape.row, this.shape.readAll));
    if (number < seen.upTo || this.lapse.isDue) this.lapse.mended(this.putForward(rows));
    this.take(rows, [...records.keys()]);
    seen.wholeAt(number);
  }

  /** What a database lacks that is older than memory is to be written, and what it has again is to go. @returns how much */
  private putForward(rows: readonly Keyed<T>[]): number {
    const { records, removed, cutShort, shape } = this;
    const saved = new Map(rows.map(({ key, record }) => [key, record]));
    const gone = [...saved.keys()].filter((key) => !records.has(key) && removed.has(key));
    const lacking = [...records.entries()].filter(([key, record]) => {
      const there = saved.get(key);
      if (there !== undefined && shape.isCutShort?.(there, record) === true) cutShort.add(key);
      return there === undefined || !shape.isSame(there, record);
    });
    for (const key of gone) records.remove(key);
    for (const [key, record] of lacking) records.set(key, record);
    return gone.length + lacking.length;
  }

  private remember(key: string, record: T | null): void {
    if (record === null) this.removed.set(key, true);
    else this.removed.delete(key);
  }

  /** @param asked - keys of rows that would have been read, if they were there */
  private take(rows: readonly Keyed<T>[], asked: readonly string[]): void {
    const { records } = this;
    const there = new Set(rows.map(({ key }) => key));
    const gone = asked.flatMap((key) => {
      const record = records.get(key);
      return there.has(key) || record === undefined || records.isUnsaved(key) ? [] : [{ key, record }];
    });
    const now = rows.filter(({ key, record }) => {
      const before = records.get(key);
      return !records.isUnsaved(key) && (before === undefined || !this.shape.isSame(before, record));
    });
    if (gone.length === 0 && now.length === 0) return;
    for (const { key } of gone) this.remember(key, null);
    for (const { key, record } of now) this.remember(key, record);
    records.apply([
      ...gone.map(({ key }) => [key, null] as const),
      ...now.map(({ key, record }) => [key, record] as const),
    ]);
    this.keysElsewhere.tell([...gone, ...now].map(({ key }) => key));
    this.elsewhere.tell({ now: now.map(({ record }) => record), gone: gone.map(({ record }) => record) });
  }
}

/** JSON that a database takes. */
export const soundJson = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => (typeof each === 'string' ? soundText(each) : each));
