/** Letters that no hand typed: a paste of a terminal that does not mark them. */

/** More letters than this together were not typed. */
const MOST_TYPED = 20;
/** A key held down sends many letters too, but the same few. */
const MOST_HELD_DOWN = 3;
/** Nobody presses one key so soon after another, again and again. */
const QUICK_MS = 3;

/** Whether these bytes, which came together, are a paste. */
export const isBurst = (bytes: string): boolean =>
  bytes.length > MOST_TYPED && new Set(bytes.slice(0, 10 * MOST_TYPED)).size > MOST_HELD_DOWN;

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
