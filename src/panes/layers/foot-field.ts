/** A field in the last line of the screen. */
import type { Cover, Desk } from '../desk/desk.js';
import { Field } from '../forms/field.js';
import type { Key, Paste } from '../terminal/keys.js';
import { line, paint, span, spread, widthOf, type Span } from '../text/lines.js';
import { isPattern, parsePattern, type Pattern } from '../text/pattern.js';
import type { Theme } from '../text/theme.js';

/** In fewer cells nothing of what is typed could be seen. */
const LEAST_FIELD = 12;

export abstract class FootField implements Cover {
  readonly place = 'foot';
  readonly takesText = true;
  readonly foot = '';
  protected readonly field: Field;

  /** @param sign - the key that opened it, shown before the field */
  constructor(
    private readonly sign: string,
    longest: number,
  ) {
    this.field = new Field(longest);
  }

  /** The text after the field: what was found, and the keys. */
  protected abstract beside(desk: Desk, width: number): { readonly found: string; readonly right: readonly Span[] };
  protected abstract changed(desk: Desk): void;
  protected abstract enter(desk: Desk): void;
  protected abstract escape(desk: Desk): void;

  height(): number {
    return 1;
  }

  rows(desk: Desk, width: number, _height: number, theme: Theme): string[] {
    const { found, right } = this.beside(desk, width);
    const room = Math.max(LEAST_FIELD, width - widthOf(right) - found.length - 4);
    const left = [span(` ${this.sign}`, 'key'), ...this.field.spans(room), span(` ${found}`, 'dim')];
    return [paint(line(...spread(left, right, width, theme.glyphs.cut)), width, theme)];
  }

  key(key: Key, desk: Desk): 'taken' | 'pass' {
    if (key.name === 'C-c') return 'pass';
    if (key.name === 'escape') this.escape(desk);
    else if (key.name === 'enter') this.enter(desk);
    else if (this.field.key(key)) this.changed(desk);
    return 'taken';
  }

  paste({ text }: Paste, desk: Desk): void {
    const said = text.replace(/\s+/g, ' ').trim();
    this.field.insert(said.slice(0, this.field.limit - this.field.text.length));
    this.changed(desk);
  }
}

/** Letters of the longest pattern. */
const LONGEST_PATTERN = 200;

/** `/`: a pattern typed in the last line, applied at once; one that is none stays open, with what is wrong beside it. */
export abstract class PatternField extends FootField {
  /** What is wrong with what is typed; empty: nothing. */
  protected wrong = '';

  /** @param before - the pattern that it begins with */
  constructor(protected readonly before: Pattern | null) {
    super('/', LONGEST_PATTERN);
    this.field.set(before?.source ?? '');
  }

  protected abstract apply(pattern: Pattern | null, desk: Desk): void;
  /** Enter on a pattern. */
  protected abstract accept(desk: Desk): void;

  protected override changed(desk: Desk): void {
    const parsed = parsePattern(this.field.text);
    this.wrong = parsed !== null && 'wrong' in parsed ? parsed.wrong : '';
    if (parsed === null || isPattern(parsed)) this.apply(parsed, desk);
  }

  protected override enter(desk: Desk): void {
    // closed now, it would look as if the fault had been accepted
    if (this.wrong === '') this.accept(desk);
  }
}
