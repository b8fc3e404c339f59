import { faultIn } from './faults.js';

interface Listener<T extends readonly unknown[]> {
  /** null: it was removed. */
  hear: ((...news: T) => void) | null;
}

/**
 * Listeners, called in the order in which they were added. What one of them throws does not reach the others, and is
 * reported.
 */
export class Listeners<T extends readonly unknown[] = []> {
  // a list of its own for each change: some are told several times in every request, and a list is walked at no cost
  private all: readonly Listener<T>[] = [];

  /** @returns removes the listener */
  add(listener: (...news: T) => void): () => void {
    // the same function handed in twice is two listeners
    const own: Listener<T> = { hear: listener };
    this.all = [...this.all, own];
    return () => {
      own.hear = null;
      this.all = this.all.filter((one) => one !== own);
    };
  }

  tell(...news: T): void {
    for (const { hear } of this.all) {
      try {
        hear?.(...news);
      } catch (error) {
        faultIn('the hearing of news', error);
      }
    }
  }
}
