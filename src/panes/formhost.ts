/** What a form has from the screen around it, and how it tells things. */
import type { Operations } from '../proxy/supervisor.js';

export type Tone = 'plain' | 'good' | 'warn';

export interface Note {
  readonly text: string;
  readonly tone: Tone;
}

/** What the form needs from the rest of the screen. */
export interface FormHost {
  readonly operations: Pick<Operations, 'regrant' | 'resume'>;
  now(): number;
  /** Draw again. */
  changed(): void;
  /** To a login with Google in place of this form. */
  login(): void;
  /** A word at the foot of the screen, for news that comes when the form is gone. */
  say(text: string, tone: Tone): void;
}
