import { faultIn } from './faults.js';

/** Listeners, called in the order in which they were added; what one of them throws is kept from the others, and told. */
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
    for (const listener of this.all) {
      try {
        listener(...news);
      } catch (error) {
        faultIn('the hearing of news', error);
      }
    }
  }
}
