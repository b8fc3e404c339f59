/** What was worked out before, by what it was worked out of; one key too many, and it begins anew. */
export class BoundedMap<K, V> {
  private readonly known = new Map<K, V>();

  /** @param most - keys held at a time */
  constructor(private readonly most: number) {}

  get(key: K): V | undefined {
    return this.known.get(key);
  }

  set(key: K, value: V): void {
    if (this.known.size >= this.most) this.known.clear();
    this.known.set(key, value);
  }
}
