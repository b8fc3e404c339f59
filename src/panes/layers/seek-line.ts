/** `/` in a sheet: a search, typed in the last line and applied at once. */
import type { Desk } from '../desk/desk.js';
import { span, type Span } from '../text/lines.js';
import { isPattern, parsePattern, type Pattern } from '../text/pattern.js';
import { plural } from '../text/text.js';
import { FootField } from './foot-field.js';

const LONGEST = 200;

/** A sheet, as far as it can be searched. */
export interface Searchable {
  readonly pattern: Pattern | null;
  /** How many lines match. */
  readonly matches: number;
  seek(pattern: Pattern | null): void;
  toMatch(): void;
}

export class SeekLine extends FootField {
  private wrong = '';

  constructor(private readonly sheet: Searchable) {
    super('/', LONGEST);
    this.field.set(sheet.pattern?.source ?? '');
  }

  protected override beside(): { readonly found: string; readonly right: readonly Span[] } {
    if (this.wrong !== '') return { found: '', right: [span(`${this.wrong} `, 'warn')] };
    const found = this.sheet.pattern === null ? '' : plural(this.sheet.matches, 'line');
    return { found, right: [span('Enter goes to it, then n and N · Esc drop ', 'dim')] };
  }

  protected override changed(): void {
    const parsed = parsePattern(this.field.text);
    this.wrong = parsed !== null && 'wrong' in parsed ? parsed.wrong : '';
    if (parsed === null || isPattern(parsed)) this.sheet.seek(parsed);
  }

  protected override escape(desk: Desk): void {
    desk.drop(this);
    this.sheet.seek(null);
  }

  protected override enter(desk: Desk): void {
    if (this.wrong !== '') return;
    desk.drop(this);
    this.sheet.toMatch();
  }
}
