/** Recognises letters that no hand typed: a paste in a terminal that does not mark pastes. */

/** More letters than this together were not typed. */
const MOST_TYPED = 20;
/** A key that is held down sends many letters too, but only a few different ones. */
const MOST_HELD_DOWN = 3;
/** Nobody presses one key after another this quickly, again and again. */
const QUICK_MS = 3;

/** How many bytes are looked at: enough to decide. */
const LOOKED_AT_BYTES = 1024;

/** The letters of these bytes, as latin1; only the first ones of many. */
const lettersOf = (bytes: string): string[] =>
  Array.from(Buffer.from(bytes.slice(0, LOOKED_AT_BYTES), 'latin1').toString('utf8'));

/** Whether these bytes, which came together, are a paste. */
export function isBurst(bytes: string): boolean {
  if (bytes.length <= MOST_TYPED) return false;
  const letters = lettersOf(bytes);
  return letters.length > MOST_TYPED && new Set(letters).size > MOST_HELD_DOWN;
}

/**
 * Whether these letters may be a part of a paste: several at once, as a paste in small pieces brings them, but a slow
 * line too.
 */
export const mayGoOn = (bytes: string): boolean => bytes.length > 1 && new Set(lettersOf(bytes)).size > 1;

/** Recognises a paste whose letters come one by one. */
export class QuickLetters {
  private letters = '';
  private lastAt = -Infinity;

  /** Whether these letters, which came at `now` (ms), belong to a paste. */
  isBurst(letters: string, now: number): boolean {
    const isQuick = now - this.lastAt <= QUICK_MS;
    this.lastAt = now;
    this.letters = isQuick ? (this.letters + letters).slice(-2 * MOST_TYPED) : letters;
    return isBurst(this.letters);
  }
}
