/** Letters that no hand typed: a paste of a terminal that does not mark them. */

/** More letters than this together were not typed. */
const MOST_TYPED = 20;
/** A key held down sends many letters too, but the same few. */
const MOST_HELD_DOWN = 3;
/** Nobody presses one key so soon after another, again and again. */
const QUICK_MS = 3;

/** Enough to know by. */
const LOOKED_AT_BYTES = 1024;

/** The letters of these bytes, as latin1; of many the first ones. */
const lettersOf = (bytes: string): string[] =>
  Array.from(Buffer.from(bytes.slice(0, LOOKED_AT_BYTES), 'latin1').toString('utf8'));

/** Whether these bytes, which came together, are a paste. */
export function isBurst(bytes: string): boolean {
  if (bytes.length <= MOST_TYPED) return false;
  const letters = lettersOf(bytes);
  return letters.length > MOST_TYPED && new Set(letters).size > MOST_HELD_DOWN;
}

/** Several letters at once: a slow line brings them so, and so does a paste in small pieces. */
export const mayGoOn = (bytes: string): boolean => bytes.length > 1 && new Set(lettersOf(bytes)).size > 1;

/** The same where they come one by one. */
export class QuickLetters {
  private letters = '';
  private lastAt = -Infinity;

  /** Whether these, which came at `now` (ms), go on with a paste. */
  isBurst(letters: string, now: number): boolean {
    const isQuick = now - this.lastAt <= QUICK_MS;
    this.lastAt = now;
    this.letters = isQuick ? (this.letters + letters).slice(-2 * MOST_TYPED) : letters;
    return isBurst(this.letters);
  }
}
