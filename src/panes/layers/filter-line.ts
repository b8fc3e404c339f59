/** `/`: a filter typed in the last line, applied to its pane at once. */
import type { Desk, PaneName } from '../desk/desk.js';
import type { Key } from '../terminal/keys.js';
import { span, type Span } from '../text/lines.js';
import type { Pattern } from '../text/pattern.js';
import { grouped } from '../../store/words/counted.js';
import { PatternField } from './foot-field.js';
import { phrase } from '../text/phrase.js';

/** What of a desk has filters. */
type FilteredDesk = Pick<Desk, 'accounts' | 'log' | 'refreshes' | 'arrange'>;

/** Puts a filter on a pane, or takes it off. */
export function setFilter(desk: FilteredDesk, pane: PaneName, pattern: Pattern | null): void {
  if (pane === 'log') desk.log.filter(pattern);
  else if (pane === 'refreshes') desk.refreshes.filter(pattern);
  else {
    desk.accounts.pattern = pattern;
    desk.arrange();
  }
}

/** The filter that a pane has now. */
export function filterOf(desk: FilteredDesk, pane: PaneName): Pattern | null {
  if (pane === 'log') return desk.log.filtering ? desk.log.pattern : null;
  return pane === 'refreshes' ? desk.refreshes.pattern : desk.accounts.pattern;
}

export class FilterLine extends PatternField {
  constructor(
    readonly pane: PaneName,
    desk: Desk,
  ) {
    super(filterOf(desk, pane));
  }

  protected override beside(desk: Desk, width: number): { readonly found: string; readonly right: readonly Span[] } {
    const help =
      width >= 110
        ? phrase('! all but these · ~ regular expression · Enter keep · Esc drop')
        : phrase('! not · ~ regex · Esc drop');
    const right = [span(`${this.wrong === '' ? help : this.wrong} `, this.wrong === '' ? 'dim' : 'warn')];
    const total = grouped(desk.snapshot.accounts.length);
    return {
      found:
        this.pane === 'accounts' ? phrase('{n} of {all}', { n: grouped(desk.accounts.rows.length), all: total }) : '',
      right,
    };
  }

  override key(key: Key, desk: Desk): 'taken' | 'pass' {
    const recalled = desk.recalled[this.pane];
    if (key.name !== 'up' || recalled === '') return super.key(key, desk);
    this.field.set(recalled);
    this.changed(desk);
    return 'taken';
  }

  protected override escape(desk: Desk): void {
    this.leave(desk);
    setFilter(desk, this.pane, null);
  }

  protected override accept(desk: Desk): void {
    this.leave(desk);
  }

  /** Closes the line, and remembers the filter: Up brings it back the next time, in this pane. */
  private leave(desk: Desk): void {
    desk.drop(this);
    const last = filterOf(desk, this.pane) ?? this.before;
    if (last !== null) desk.recalled[this.pane] = last.source;
  }

  protected override apply(pattern: Pattern | null, desk: Desk): void {
    setFilter(desk, this.pane, pattern);
  }
}
