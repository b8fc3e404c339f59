import type { Desk } from '../desk/desk.js';
import type { Theme } from '../text/theme.js';
import { wordsOf } from '../text/text.js';
import { ChoiceSheet } from './choice-sheet.js';

/** A list that is looked at anew while it is shown. The choice stays on its item: others may have come and gone. */
export abstract class WatchedSheet<Seen> extends ChoiceSheet {
  readonly pace = 'second';
  /** What was seen last; null: nothing is known yet. */
  protected seen: Seen | null = null;
  /** Why the last look failed; empty: it did not. */
  protected trouble = '';
  protected abstract readonly everyMs: number;
  /** What tells the items apart, in their order. */
  protected abstract readonly ids: readonly string[];
  private lookedAt = -Infinity;

  protected abstract see(desk: Desk): Promise<Seen>;

  override rows(desk: Desk, width: number, height: number, theme: Theme): string[] {
    if (desk.now - this.lookedAt >= this.everyMs) this.look(desk);
    return super.rows(desk, width, height, theme);
  }

  protected look(desk: Desk): void {
    this.lookedAt = desk.now;
    this.see(desk).then(
      (seen) => {
        this.take(seen);
        desk.changed();
      },
      (error: unknown) => {
        this.trouble = wordsOf(error);
        desk.changed();
      },
    );
  }

  private take(seen: Seen): void {
    const chosen = this.ids[this.index];
    this.seen = seen;
    this.trouble = '';
    const at = chosen === undefined ? -1 : this.ids.indexOf(chosen);
    if (at >= 0) this.index = at;
    this.move(0);
  }

  /** Says how a change of the list ended, and looks at it. */
  protected answer(desk: Desk, asked: Promise<{ readonly ok: boolean; readonly text: string }>): void {
    desk.answer(asked);
    asked.then(
      () => this.look(desk),
      () => undefined,
    );
  }
}
