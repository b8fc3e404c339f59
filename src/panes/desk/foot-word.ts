/** A message at the foot of the screen: it stays until a key is pressed, or until its time is over. */
import type { Tone } from '../forms/form-host.js';

export interface FootWord {
  readonly text: string;
  readonly tone: Tone;
  /** ms since 1970. */
  readonly until: number;
}

/** Long enough to read one line. */
export const SAID_MS = 6000;

/** How long a message stays about what happened while nobody looked. */
export const REPLAYED_MS = 10 * 60_000;

/** The message that is still shown at `now`; null for none. */
export const standingWord = (word: FootWord | null, now: number): FootWord | null =>
  word !== null && now >= word.until ? null : word;
