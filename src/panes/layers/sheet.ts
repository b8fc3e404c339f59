/** A sheet of lines to read: scrolled by the usual keys, put away by Esc. */
import type { Desk, Cover } from '../desk/desk.js';
import type { Key } from '../terminal/keys.js';
import { framed, type Line, type Span } from '../text/lines.js';
import type { Theme } from '../text/theme.js';

export abstract class Sheet implements Cover {
  abstract readonly place: 'panes' | 'accounts';
  abstract readonly foot: string;
  readonly takesText: boolean = false;
  private top = 0;
  private room = 1;
  private length = 0;

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
    this.top = Math.max(0, Math.min(this.top, lines.length - this.room));
    const focused = desk.active === this;
    const border = focused ? ('accent' as const) : ('dim' as const);
    return framed(
      { title: this.title(desk), note: this.note(desk), border, focused },
      lines.slice(this.top),
      width,
      height,
      theme,
    );
  }

  key(key: Key, desk: Desk): 'taken' | 'pass' {
    if (key.name === 'escape') {
      desk.drop(this);
      return 'taken';
    }
    return this.scroll(key);
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

  protected toTop(): void {
    this.top = 0;
  }

  /** How many lines are out of sight, for the border. */
  protected hidden(): string {
    const below = Math.max(0, this.length - this.top - this.room);
    return below > 0 ? `PgDn ${below} more` : '';
  }
}
