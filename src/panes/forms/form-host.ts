/** What a form gets from the screen around it, and how it reports. */
import type { Operations } from '../../proxy/contract/operations.js';
import { line, span, type Line } from '../text/lines.js';
import { sanitise, wrap } from '../text/text.js';
import { told } from '../../store/words/told.js';

export type Tone = 'plain' | 'good' | 'warn';

export interface FormNote {
  readonly text: string;
  readonly tone: Tone;
}

/** What the form needs from the rest of the screen. */
export interface FormHost {
  readonly operations: Pick<Operations, 'readd' | 'resume'>;
  now(): number;
  /** Draw again. */
  changed(): void;
  /** Opens a login with Google in place of this form. */
  login(): void;
  /** Shows a message at the foot of the screen, for news that comes after the form was closed. */
  say(text: string, tone: Tone): void;
}

/** How many lines a note takes at most. */
const MOST_LINES = 4;

/** A note as lines of a dialog whose inside has room for `width` cells. */
export function noteLines(note: FormNote | null, width: number): Line[] {
  if (note === null) return [];
  const style = note.tone === 'plain' ? 'accent' : note.tone;
  return wrap(sanitise(told(note.text)), width)
    .slice(0, MOST_LINES)
    .map((text) => line(span('  '), span(text, style)));
}

/**
 * The decision that a key makes about a token of another account: save it for that account, ask again, or drop it;
 * null: none.
 */
export function decisionOf(
  question: 'other_account' | 'identity_unknown',
  key: string,
): 'accept' | 'retry' | 'drop' | null {
  if (key === 'n') return 'drop';
  if (question === 'other_account') return key === 'y' ? 'accept' : null;
  return ['enter', 'r', 'y'].includes(key) ? 'retry' : null;
}
