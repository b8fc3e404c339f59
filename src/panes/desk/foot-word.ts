/** What is said at the foot of the screen: it stands there until a key is pressed, or until its time is over. */
import type { Tone } from '../forms/form-host.js';

export interface FootWord {
  readonly text: string;
  readonly tone: Tone;
  /** ms since 1970. */
  readonly until: number;
}

/** Long enough to read a line. */
export const SAID_MS = 6000;

/** What happened while nobody looked stays in sight this long. */
export const REPLAYED_MS = 10 * 60_000;

/** The word that still stands at `now`; null for none. */
export const standingWord = (word: FootWord | null, now: number): FootWord | null =>
  word !== null && now >= word.until ? null : word;
