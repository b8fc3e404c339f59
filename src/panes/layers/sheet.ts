/** A sheet of lines to read: scrolled by the usual keys, searched by `/`, closed by Esc. */
import type { Desk, Cover } from '../desk/desk.js';
import type { Key } from '../terminal/keys.js';
import { framed, highlighted, span, spansText, type Line, type Span } from '../text/lines.js';
import type { Pattern } from '../text/pattern.js';
import { sanitise } from '../text/text.js';
import { grouped } from '../../store/words/counted.js';
import { themeFor, type Theme } from '../text/theme.js';
import { timeSlice } from '../views/log/time-slice.js';
import { SeekLine } from './seek-line.js';
import { SheetSearch } from './sheet-search.js';
import { phrase } from '../text/phrase.js';
import { tell } from '../../store/words/tongue.js';

/** A width that no line has. */
const UNWRAPPED = 100_000;

export abstract class Sheet implements Cover {
  abstract readonly place: 'panes' | 'accounts';
  abstract readonly foot: string;
  readonly takesText: boolean = false;
  private top = 0;
  private room = 1;
  private length = 0;
  private search: SheetSearch | null = null;
  /** The lines that its height was asked for, until they are drawn in the same frame. */
  private laid: { readonly width: number; readonly lines: readonly Line[] } | null = null;

  abstract title(desk: Desk): readonly Span[];
  abstract note(desk: Desk): readonly Span[];
  abstract lines(desk: Desk, width: number, theme: Theme): readonly Line[];

  height(desk: Desk, width: number, theme: Theme): number {
    const lines = this.lines(desk, width - 2, theme);
    this.laid = { width, lines };
    return lines.length + 2;
  }

  rows(desk: Desk, width: number, height: number, theme: Theme): string[] {
    const lines = this.laid?.width === width ? this.laid.lines : this.lines(desk, width - 2, theme);
    this.laid = null;
    this.room = height - 2;
    this.length = lines.length;
    this.top = Math.max(0, Math.min(this.top, lines.length - this.room));
    this.search?.look(
      timeSlice(() => desk.clock.monotonic()),
      this.searched(lines),
    );
    const focused = desk.active === this || desk.layer instanceof SeekLine;
    const frame = {
      title: [...this.title(desk), ...this.soughtSpans()],
      note: this.note(desk),
      border: focused ? ('accent' as const) : ('dim' as const),
      focused,
    };
    const shown = lines.slice(this.top, this.top + this.room).map((row, at) => this.marked(row, this.top + at));
    return framed(frame, shown, width, height, theme);
  }

  /** The texts that are searched: its lines. */
  protected searched(lines: readonly Line[]): readonly string[] {
    return lines.map(({ spans }) => spansText(spans));
  }

  private marked(row: Line, at: number): Line {
    const spans = highlighted(row.spans, this.pattern);
    return this.isFound(at) ? { spans, ground: 'selected' } : { ...row, spans };
  }

  /** Whether the last step went to this line. */
  protected isFound(line: number): boolean {
    return line === this.search?.at;
  }

  private soughtSpans(): readonly Span[] {
    if (this.search === null) return [];
    const { pattern, at, places, busy } = this.search;
    const place = at === null ? -1 : places.indexOf(at);
    const where =
      place < 0
        ? grouped(places.length)
        : phrase('{n} of {all}', { n: grouped(place + 1), all: grouped(places.length) });
    const found = [span('  '), span(`/${sanitise(pattern.source)}`, 'match'), span(` ${where}`, 'dim')];
    return busy ? [...found, span(`  ${phrase('seeking')}`, 'warn')] : found;
  }

  /** All of its content as text, not wrapped: a terminal that wraps it joins it again when it is copied. */
  raw(desk: Desk): string {
    const theme = themeFor({ theme: 'dark', glyphs: 'ascii' }, desk.host.env);
    return this.lines(desk, UNWRAPPED, theme)
      .map(({ spans }) => spansText(spans))
      .join('\n');
  }

  key(key: Key, desk: Desk): 'taken' | 'pass' {
    if (key.name === 'escape' && this.search !== null) this.seek(null);
    else if (key.name === 'escape') desk.drop(this);
    else if (key.name === '/') desk.open(new SeekLine(this));
    else if (key.name === 'n' || key.name === 'N') this.step(key.name === 'n' ? 1 : -1, desk);
    else return this.scroll(key);
    return 'taken';
  }

  /** Highlights matches from now on; null: ends the search. */
  seek(pattern: Pattern | null): void {
    this.search = pattern === null ? null : new SheetSearch(pattern);
  }

  /** Goes to the first match from the first visible line on. */
  toMatch(): void {
    const places = this.search?.places ?? [];
    this.goTo(places.find((place) => place >= this.here) ?? places[0]);
  }

  get pattern(): Pattern | null {
    return this.search?.pattern ?? null;
  }
  /** How many lines match. */
  get matches(): number {
    return this.search?.places.length ?? 0;
  }
  /** The search has not looked at all lines yet: the next picture knows more. */
  get busy(): boolean {
    return this.search?.busy ?? false;
  }

  /** Goes on with the search, also where the sheet is not drawn. */
  tick({ clock }: Pick<Desk, 'clock'>): void {
    if (this.busy) this.search?.look(timeSlice(() => clock.monotonic()));
  }

  private step(direction: 1 | -1, desk: Pick<Desk, 'say'>): void {
    if (this.search === null) {
      desk.say(tell('nothing is sought here: / seeks in this sheet'));
      return;
    }
    const { places, at, busy, pattern } = this.search;
    const from = at === null ? this.here - direction : this.here;
    const next = direction === 1 ? places.find((place) => place > from) : places.findLast((place) => place < from);
    if (next !== undefined) this.goTo(next);
    else
      desk.say(
        busy
          ? tell('not all lines have been looked at yet: once more in a moment')
          : tell('no more matches of /{filter}', { filter: pattern.source }),
      );
  }

  private goTo(place: number | undefined): void {
    if (this.search === null || place === undefined) return;
    this.search.at = place;
    this.show(place);
  }

  /** Where a search goes on: the match that was gone to, else the first line in sight. */
  protected get here(): number {
    return this.search?.at ?? this.top;
  }

  /** Brings a match into sight. */
  protected show(place: number): void {
    if (place < this.top || place >= this.top + this.room) this.top = place - Math.floor(this.room / 3);
  }

  protected scroll({ name }: Key): 'taken' | 'pass' {
    const steps: ReadonlyMap<string, number> = new Map(
      Object.entries({
        j: 1,
        down: 1,
        k: -1,
        up: -1,
        pagedown: this.room,
        'C-d': Math.floor(this.room / 2),
        'C-u': -Math.floor(this.room / 2),
        space: this.room,
        pageup: -this.room,
        g: -Infinity,
        home: -Infinity,
        G: Infinity,
        end: Infinity,
      }),
    );
    const by = steps.get(name);
    if (by === undefined) return 'pass';
    this.move(by);
    return 'taken';
  }

  /** Moves by lines, within the text. */
  move(by: number): void {
    this.top = Math.max(0, Math.min(this.top + by, this.length - this.room));
  }

  protected toTop(): void {
    this.top = 0;
  }

  /** How many lines are out of sight, as text for the border. */
  protected hidden(): string {
    const below = Math.max(0, this.length - this.top - this.room);
    return below > 0 ? phrase('PgDn {n} more', { n: below }) : '';
  }
}
