/** `/` in a sheet: a search, typed in the last line and applied at once. */
import type { Desk } from '../desk/desk.js';
import { span, type Span } from '../text/lines.js';
import type { Pattern } from '../text/pattern.js';
import { plural } from '../text/text.js';
import { PatternField } from './foot-field.js';
import { phrase } from '../text/phrase.js';

/** A sheet, as far as it can be searched. */
export interface Searchable {
  readonly pattern: Pattern | null;
  /** How many lines match. */
  readonly matches: number;
  seek(pattern: Pattern | null): void;
  toMatch(): void;
}

export class SeekLine extends PatternField {
  constructor(private readonly sheet: Searchable) {
    super(sheet.pattern);
  }

  protected override beside(): { readonly found: string; readonly right: readonly Span[] } {
    if (this.wrong !== '') return { found: '', right: [span(`${this.wrong} `, 'warn')] };
    const found = this.sheet.pattern === null ? '' : plural(this.sheet.matches, 'line');
    return { found, right: [span(`${phrase('Enter goes to it, then n and N · Esc drop')} `, 'dim')] };
  }

  protected override apply(pattern: Pattern | null): void {
    this.sheet.seek(pattern);
  }

  protected override escape(desk: Desk): void {
    desk.drop(this);
    this.sheet.seek(null);
  }

  protected override accept(desk: Desk): void {
    desk.drop(this);
    this.sheet.toMatch();
  }
}
