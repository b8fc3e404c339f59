import { faultIn } from './faults.js';

/**
 * Listeners, called in the order in which they were added. What one of them throws does not reach the others, and is
 * reported.
 */
export class Listeners<T extends readonly unknown[] = []> {
  private readonly all = new Set<{ readonly hear: (...news: T) => void }>();

  /** @returns removes the listener */
  add(listener: (...news: T) => void): () => void {
    // the same function handed in twice is two listeners
    const own = { hear: listener };
    this.all.add(own);
    return () => void this.all.delete(own);
  }

  tell(...news: T): void {
    for (const { hear } of this.all) {
      try {
        hear(...news);
      } catch (error) {
        faultIn('the hearing of news', error);
      }
    }
  }
}
