/** The search in a sheet: which of its texts match, found in slices as a filter's are, and the one that was gone to. */
import type { Pattern } from '../text/pattern.js';
import type { SliceEnd } from '../views/log/time-slice.js';

export class SheetSearch {
  /** The place that the last step went to. */
  at: number | null = null;
  private texts: readonly string[] = [];
  /** What is known of each text, since a sheet makes the same ones frame after frame. */
  private judged: ReadonlyMap<string, boolean> = new Map();
  private found: readonly number[] = [];
  private isBusy = false;

  constructor(readonly pattern: Pattern) {}

  /** Whether texts are left that have not been looked at yet. */
  get busy(): boolean {
    return this.isBusy;
  }
  /** Places of the texts that match, as far as they have been looked at. */
  get places(): readonly number[] {
    return this.found;
  }

  /** Goes on with what it has not looked at, for a time slice. @param texts - what is searched from now on */
  look(isOver: SliceEnd, texts = this.texts): void {
    const judged = new Map<string, boolean>();
    const found: number[] = [];
    this.isBusy = false;
    for (const [place, text] of texts.entries()) {
      this.isBusy ||= !this.judged.has(text) && !judged.has(text) && isOver();
      const matches = judged.get(text) ?? this.judged.get(text) ?? (this.isBusy ? null : this.pattern.matches(text));
      if (matches !== null) judged.set(text, matches);
      if (matches === true) found.push(place);
    }
    this.texts = texts;
    this.judged = judged;
    this.found = found;
  }
}
