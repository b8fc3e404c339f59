/** `@`: a time typed in the last line, to which the log goes. */
import type { Cover, Desk } from '../desk/desk.js';
import { Field } from '../forms/field.js';
import type { Key, Paste } from '../terminal/keys.js';
import { line, paint, span, spread, widthOf } from '../text/lines.js';
import { when } from '../text/text.js';
import type { Theme } from '../text/theme.js';
import { timeMeant } from '../text/time-meant.js';
import { goToTime } from './log-history.js';

const LONGEST_TIME = 30;

export class JumpLine implements Cover {
  readonly place = 'foot';
  readonly takesText = true;
  readonly foot = '';
  private readonly field = new Field(LONGEST_TIME);

  height(): number {
    return 1;
  }

  rows({ now }: Pick<Desk, 'now'>, width: number, _height: number, theme: Theme): string[] {
    const time = timeMeant(this.field.text, now);
    const said =
      this.field.text === ''
        ? '14:05 · 11-29 14:05 · 2h30m ago · Esc back '
        : time === null
          ? 'no time that was · Esc back '
          : `to ${when(time, now)} · Enter goes there `;
    const right = [span(said, time === null && this.field.text !== '' ? 'warn' : 'dim')];
    const left = [span(' @', 'key'), ...this.field.spans(Math.max(12, width - widthOf(right) - 4))];
    return [paint(line(...spread(left, right, width, theme.glyphs.cut)), width, theme)];
  }

  key(key: Key, desk: Desk): 'taken' | 'pass' {
    if (key.name === 'C-c') return 'pass';
    if (key.name === 'escape') desk.drop(this);
    else if (key.name !== 'enter') this.field.key(key);
    else {
      const time = timeMeant(this.field.text, desk.now);
      if (time === null) return 'taken';
      desk.drop(this);
      goToTime(desk, time);
    }
    return 'taken';
  }

  paste({ text }: Paste): void {
    this.field.insert(text.trim().slice(0, LONGEST_TIME - this.field.text.length));
  }
}
