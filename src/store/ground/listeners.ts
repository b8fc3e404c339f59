/** Listeners, called in the order in which they were added. */
export class Listeners<T extends readonly unknown[] = []> {
  private readonly all = new Set<(...news: T) => void>();

  /** @returns removes the listener */
  add(listener: (...news: T) => void): () => void {
    // the same function handed in twice is two listeners
    const own = (...news: T): void => listener(...news);
    this.all.add(own);
    return () => void this.all.delete(own);
  }

  tell(...news: T): void {
    for (const listener of this.all) listener(...news);
  }
}
