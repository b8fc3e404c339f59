/** `/`: a filter typed in the last line, seen at once in its pane. */
import type { Desk, Cover, PaneName } from '../desk/desk.js';
import { Field } from '../forms/field.js';
import type { Key, Paste } from '../terminal/keys.js';
import { line, paint, span, spread, widthOf } from '../text/lines.js';
import { isPattern, parsePattern, type Pattern } from '../text/pattern.js';
import { grouped } from '../text/text.js';
import type { Theme } from '../text/theme.js';

/** Puts a filter on a pane, or takes it off. */
export function setFilter(desk: Desk, pane: PaneName, pattern: Pattern | null): void {
  if (pane === 'log') desk.log.filter(pattern);
  else if (pane === 'refreshes') desk.refreshes.filter(pattern);
  else {
    desk.accounts.pattern = pattern;
    desk.arrange();
  }
}

/** The filter that a pane has now. */
export function filterOf(desk: Desk, pane: PaneName): Pattern | null {
  if (pane === 'log') return desk.log.filtering ? desk.log.pattern : null;
  return pane === 'refreshes' ? desk.refreshes.pattern : desk.accounts.pattern;
}

export class FilterLine implements Cover {
  readonly place = 'foot';
  readonly takesText = true;
  readonly foot = '';
  private field = new Field(200);
  private wrong = '';
  private readonly before: Pattern | null;

  constructor(
    readonly pane: PaneName,
    desk: Desk,
  ) {
    this.before = filterOf(desk, pane);
    this.field.set(this.before?.source ?? '');
  }

  height(): number {
    return 1;
  }

  rows(desk: Desk, width: number, _height: number, theme: Theme): string[] {
    const help =
      width >= 110 ? '! all but these · ~ regular expression · Enter keep · Esc drop' : '! not · ~ regex · Esc drop';
    const right = [span(`${this.wrong === '' ? help : this.wrong} `, this.wrong === '' ? 'dim' : 'warn')];
    const total = desk.snapshot.accounts.length;
    const found = this.pane === 'accounts' ? ` ${grouped(desk.accounts.rows.length)} of ${grouped(total)}  ` : '  ';
    const room = Math.max(12, width - widthOf(right) - found.length - 2);
    const left = [span(' /', 'key'), ...this.field.spans(room), span(found, 'dim')];
    return [paint(line(...spread(left, right, width, theme.glyphs.cut)), width, theme)];
  }

  key(key: Key, desk: Desk): 'taken' | 'pass' {
    if (key.name === 'C-c') return 'pass';
    const recalled = desk.recalled[this.pane];
    if (key.name === 'escape') {
      this.leave(desk);
      setFilter(desk, this.pane, null);
    } else if (key.name === 'enter') {
      // what is wrong stands beside it; left now, it would look as if it had been taken
      if (this.wrong === '') this.leave(desk);
    } else if (key.name === 'up' && recalled !== '') {
      this.field.set(recalled);
      this.apply(desk);
    } else if (this.field.key(key)) {
      this.apply(desk);
    }
    return 'taken';
  }

  /** What was sought last, in this pane, is what Up brings back next time. */
  private leave(desk: Desk): void {
    desk.drop(this);
    const last = filterOf(desk, this.pane) ?? this.before;
    if (last !== null) desk.recalled[this.pane] = last.source;
  }

  paste({ text }: Paste, desk: Desk): void {
    this.field.insert(
      text
        .replace(/\s+/g, ' ')
        .trim()
        .slice(0, 200 - this.field.text.length),
    );
    this.apply(desk);
  }

  private apply(desk: Desk): void {
    const parsed = parsePattern(this.field.text);
    this.wrong = parsed !== null && 'wrong' in parsed ? parsed.wrong : '';
    if (parsed === null || isPattern(parsed)) setFilter(desk, this.pane, parsed);
  }
}
