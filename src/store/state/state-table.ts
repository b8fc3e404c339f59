import { jsonOf } from '../ground/json.js';

/** What was changed of a table: keys with their records, null for one that is gone. */
export type TableChanges<T> = readonly (readonly [key: string, record: T | null])[];

/** A record that nobody has asked for yet. */
export class Unread<T> {
  constructor(
    private readonly text: string,
    private readonly recordOf: (json: unknown) => T | null,
  ) {}

  /** null: its text is none. */
  read(): T | null {
    return this.recordOf(jsonOf(this.text));
  }
}

/** Records of the state by key, and which of them are not on disk as they are now. A record is never changed in place. */
export class StateTable<T> {
  private readonly unsaved = new Set<string>();

  /** @param words - whether two records say the same */
  constructor(
    private readonly records = new Map<string, T | Unread<T>>(),
    private readonly words: { isSame(one: T, other: T): boolean } = { isSame: isSameJson },
  ) {}

  get size(): number {
    return this.records.size;
  }

  get(key: string): T | undefined {
    const record = this.records.get(key);
    return record instanceof Unread ? this.read(key, record) : record;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  keys(): IterableIterator<string> {
    return this.records.keys();
  }

  *values(): Generator<T> {
    for (const [, record] of this.entries()) yield record;
  }

  *entries(): Generator<[string, T]> {
    for (const key of this.records.keys()) {
      const record = this.get(key);
      if (record !== undefined) yield [key, record];
    }
  }

  set(key: string, record: T): void {
    this.records.set(key, record);
    this.unsaved.add(key);
  }

  delete(key: string): void {
    if (this.records.delete(key)) this.unsaved.add(key);
  }

  /** Has a record removed that may be saved without being here. */
  remove(key: string): void {
    this.records.delete(key);
    this.unsaved.add(key);
  }

  /** Makes the table hold these and nothing else; what says the same as before is no change. */
  replaceAll(records: Iterable<readonly [string, T]>): void {
    const kept = new Set<string>();
    for (const [key, record] of records) {
      kept.add(key);
      const before = this.get(key);
      if (before === undefined || !this.words.isSame(before, record)) this.set(key, record);
    }
    for (const key of this.records.keys()) if (!kept.has(key)) this.delete(key);
  }

  /** Takes in what a journal says; that is on disk already. */
  apply(changes: TableChanges<T>): void {
    for (const [key, record] of changes) {
      if (record === null) this.records.delete(key);
      else this.records.set(key, record);
    }
  }

  get hasUnsaved(): boolean {
    return this.unsaved.size > 0;
  }

  /** Whether a record is not saved as it is now. */
  isUnsaved(key: string): boolean {
    return this.unsaved.has(key);
  }

  /** Somebody else has saved a record as it is now. */
  saved(key: string): void {
    this.unsaved.delete(key);
  }

  /** What is not on disk yet; from now on it counts as being there. */
  takeChanges(): TableChanges<T> {
    const changes = [...this.unsaved].map((key) => [key, this.get(key) ?? null] as const);
    this.unsaved.clear();
    return changes;
  }

  /** One whose text is none was never there. */
  private read(key: string, unread: Unread<T>): T | undefined {
    const record = unread.read();
    if (record === null) this.records.delete(key);
    else this.records.set(key, record);
    return record ?? undefined;
  }

  /** Changes that were taken have not come to disk. */
  putBack(changes: TableChanges<T>): void {
    for (const [key] of changes) this.unsaved.add(key);
  }
}

const isSameJson = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);
