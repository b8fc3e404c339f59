/** The re-add form between the rows of the accounts. */
import type { Desk, RowForm } from '../desk/desk.js';
import type { DeskHost } from '../desk/desk-host.js';
import type { ReaddForm } from '../forms/readd-form.js';
import { footers, formLines } from '../forms/readd-lines.js';
import type { Key, Paste } from '../terminal/keys.js';
import type { Line } from '../text/lines.js';
import type { Theme } from '../text/theme.js';
import { keyOfForm } from './form-keys.js';
import { phrase } from '../text/phrase.js';

/** From this width on there is space in the foot for what else Enter does. */
const ROOMY = 100;

export class ReaddLayer implements RowForm {
  readonly place = 'row';
  readonly takesText = true;

  constructor(private readonly form: ReaddForm) {}

  get accountId(): string | null {
    return this.form.accountId;
  }
  get nextChange(): number {
    return this.form.nextChange;
  }
  get foot(): string {
    return phrase(footers[this.form.phase]);
  }

  footFor(width: number, attached: DeskHost['attached']): string {
    if (this.form.phase !== 'editing') return this.foot;
    const keys = width >= ROOMY ? phrase('Enter check and save') : phrase('Enter save');
    const leave = attached ? phrase('Ctrl-C leaves') : phrase('Ctrl-C asks');
    return phrase('letters are text · {keys} · Ctrl-U clear · {leave} · Esc close', { keys, leave });
  }

  lines(width: number, height: number, theme: Theme): readonly Line[] {
    return formLines(this.form, width, height, theme);
  }

  key(key: Key, desk: Desk): 'taken' | 'pass' {
    return keyOfForm(this.form, this, key, desk);
  }

  paste(paste: Paste): void {
    this.form.paste(paste);
  }

  tick(now: number): void {
    this.form.tick(now);
  }

  close(): void {
    this.form.close();
  }
}
