/** What was changed of a table: keys with their records, null for one that is gone. */
export type TableChanges<T> = readonly (readonly [key: string, record: T | null])[];

/** Records of the state by key, and which of them are not on disk as they are now. A record is never changed in place. */
export class StateTable<T> {
  private readonly unsaved = new Set<string>();

  /** @param words - whether two records say the same */
  constructor(
    private readonly records = new Map<string, T>(),
    private readonly words: { isSame(one: T, other: T): boolean } = { isSame: isSameJson },
  ) {}

  get size(): number {
    return this.records.size;
  }

  get(key: string): T | undefined {
    return this.records.get(key);
  }

  has(key: string): boolean {
    return this.records.has(key);
  }

  keys(): IterableIterator<string> {
    return this.records.keys();
  }

  values(): IterableIterator<T> {
    return this.records.values();
  }

  entries(): IterableIterator<[string, T]> {
    return this.records.entries();
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
      const before = this.records.get(key);
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
    const changes = [...this.unsaved].map((key) => [key, this.records.get(key) ?? null] as const);
    this.unsaved.clear();
    return changes;
  }

  /** Changes that were taken have not come to disk. */
  putBack(changes: TableChanges<T>): void {
    for (const [key] of changes) this.unsaved.add(key);
  }
}

const isSameJson = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);
