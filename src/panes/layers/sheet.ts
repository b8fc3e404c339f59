/** A sheet of lines to read: scrolled by the usual keys, searched by `/`, closed by Esc. */
import type { Desk, Cover } from '../desk/desk.js';
import type { Key } from '../terminal/keys.js';
import { framed, highlighted, span, spansText, type Line, type Span } from '../text/lines.js';
import type { Pattern } from '../text/pattern.js';
import { grouped, sanitise } from '../text/text.js';
import { themeFor, type Theme } from '../text/theme.js';
import { SeekLine } from './seek-line.js';

/** A width that no line has. */
const UNWRAPPED = 100_000;

/** The search in a sheet, and the match that was gone to. */
interface Sought {
  readonly pattern: Pattern;
  /** The line that the last step went to. */
  at: number | null;
}

export abstract class Sheet implements Cover {
  abstract readonly place: 'panes' | 'accounts';
  abstract readonly foot: string;
  readonly takesText: boolean = false;
  private top = 0;
  private room = 1;
  private length = 0;
  private sought: Sought | null = null;
  /** The numbers of the lines that match. */
  private hits: readonly number[] = [];

  abstract title(desk: Desk): readonly Span[];
  abstract note(desk: Desk): readonly Span[];
  abstract lines(desk: Desk, width: number, theme: Theme): readonly Line[];

  height(desk: Desk, width: number, theme: Theme): number {
    return this.lines(desk, width - 2, theme).length + 2;
  }

  rows(desk: Desk, width: number, height: number, theme: Theme): string[] {
    const lines = this.lines(desk, width - 2, theme);
    this.room = height - 2;
    this.length = lines.length;
    const pattern = this.sought?.pattern ?? null;
    this.hits = pattern === null ? [] : matching(lines, pattern);
    this.top = Math.max(0, Math.min(this.top, lines.length - this.room));
    const focused = desk.active === this || desk.layer instanceof SeekLine;
    const frame = {
      title: [...this.title(desk), ...this.soughtSpans()],
      note: this.note(desk),
      border: focused ? ('accent' as const) : ('dim' as const),
      focused,
    };
    const shown = lines.slice(this.top, this.top + this.room).map((row, index) => this.marked(row, index, pattern));
    return framed(frame, shown, width, height, theme);
  }

  private marked(row: Line, index: number, pattern: Pattern | null): Line {
    const spans = highlighted(row.spans, pattern);
    return this.top + index === this.sought?.at ? { spans, ground: 'selected' } : { ...row, spans };
  }

  private soughtSpans(): readonly Span[] {
    if (this.sought === null) return [];
    const { pattern, at } = this.sought;
    const place = at === null ? -1 : this.hits.indexOf(at);
    const where = place < 0 ? grouped(this.hits.length) : `${grouped(place + 1)} of ${grouped(this.hits.length)}`;
    return [span('  '), span(`/${sanitise(pattern.source)}`, 'match'), span(` ${where}`, 'dim')];
  }

  /** All of its content as text, not wrapped: a terminal that wraps it joins it again when it is copied. */
  raw(desk: Desk): string {
    const theme = themeFor({ theme: 'dark', glyphs: 'ascii' }, desk.host.env);
    return this.lines(desk, UNWRAPPED, theme)
      .map(({ spans }) => spansText(spans))
      .join('\n');
  }

  key(key: Key, desk: Desk): 'taken' | 'pass' {
    if (key.name === 'escape' && this.sought !== null) this.seek(null);
    else if (key.name === 'escape') desk.drop(this);
    else if (key.name === '/') desk.open(new SeekLine(this));
    else if (key.name === 'n' || key.name === 'N') this.step(key.name === 'n' ? 1 : -1, desk);
    else return this.scroll(key);
    return 'taken';
  }

  /** Highlights matches from now on; null: ends the search. */
  seek(pattern: Pattern | null): void {
    this.sought = pattern === null ? null : { pattern, at: null };
  }

  /** Goes to the first match from the first visible line on. */
  toMatch(): void {
    const at = this.hits.find((line) => line >= this.top) ?? this.hits[0];
    if (at !== undefined) this.goTo(at);
  }

  get pattern(): Pattern | null {
    return this.sought?.pattern ?? null;
  }
  /** How many lines match. */
  get matches(): number {
    return this.hits.length;
  }

  private step(direction: 1 | -1, desk: Pick<Desk, 'say'>): void {
    if (this.sought === null) {
      desk.say('nothing is sought here: / seeks in this sheet');
      return;
    }
    const from = this.sought.at ?? this.top - direction;
    const at = direction === 1 ? this.hits.find((line) => line > from) : this.hits.findLast((line) => line < from);
    if (at === undefined) desk.say(`no more matches of /${this.sought.pattern.source}`);
    else this.goTo(at);
  }

  private goTo(line: number): void {
    if (this.sought !== null) this.sought.at = line;
    if (line < this.top || line >= this.top + this.room) this.top = line - Math.floor(this.room / 3);
  }

  protected scroll({ name }: Key): 'taken' | 'pass' {
    const steps: Record<string, number> = {
      j: 1,
      down: 1,
      k: -1,
      up: -1,
      pagedown: this.room,
      'C-d': Math.floor(this.room / 2),
      'C-u': -Math.floor(this.room / 2),
      space: this.room,
      pageup: -this.room,
      g: -this.length,
      home: -this.length,
      G: this.length,
      end: this.length,
    };
    const by = steps[name];
    if (by === undefined) return 'pass';
    this.top += by;
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
    return below > 0 ? `PgDn ${below} more` : '';
  }
}

const matching = (lines: readonly Line[], pattern: Pattern): number[] =>
  lines.flatMap(({ spans }, at) => (pattern.matches(spansText(spans)) ? [at] : []));
