/** What lies open, one on top of the other. */
export class Stack<T> {
  private open: readonly T[] = [];

  get all(): readonly T[] {
    return this.open;
  }
  /** The topmost, which gets the keys; null where nothing is open. */
  get top(): T | null {
    return this.open.at(-1) ?? null;
  }

  /** Puts it on top of what is open. */
  put(layer: T): void {
    this.open = [...this.open, layer];
  }

  /** Takes one out, wherever in the stack it is. */
  drop(layer: T): void {
    this.open = this.open.filter((each) => each !== layer);
  }

  clear(): void {
    this.open = [];
  }

  /** The topmost one of this kind. */
  find<K extends T>(isOfKind: (layer: T) => layer is K): K | null {
    return this.open.findLast(isOfKind) ?? null;
  }
}
