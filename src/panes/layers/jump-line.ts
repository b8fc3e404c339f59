/** `@`: a time typed in the last line, to which the log goes. */
import type { Desk } from '../desk/desk.js';
import { span, type Span } from '../text/lines.js';
import { when } from '../text/text.js';
import { timeMeant } from '../text/time-meant.js';
import { FootField } from './foot-field.js';
import { goToTime } from './log-history.js';
import { phrase } from '../text/phrase.js';

const LONGEST_TIME = 30;

export class JumpLine extends FootField {
  constructor() {
    super('@', LONGEST_TIME);
  }

  protected override beside({ now }: Pick<Desk, 'now'>): { readonly found: string; readonly right: readonly Span[] } {
    const { text } = this.field;
    if (text === '')
      return { found: '', right: [span(`${phrase('14:05 · 11-29 14:05 · 2h30m ago · Esc back')} `, 'dim')] };
    const time = timeMeant(text, now);
    if (time === null) return { found: '', right: [span(`${phrase('no time that was · Esc back')} `, 'warn')] };
    return {
      found: phrase('to {time}', { time: when(time, now) }),
      right: [span(`${phrase('Enter goes there · Esc back')} `, 'dim')],
    };
  }

  protected override changed(): void {
    // the typed text is read when it is drawn
  }

  protected override escape(desk: Desk): void {
    desk.drop(this);
  }

  protected override enter(desk: Desk): void {
    const time = timeMeant(this.field.text, desk.now);
    if (time === null) return;
    desk.drop(this);
    goToTime(desk, time);
  }
}
