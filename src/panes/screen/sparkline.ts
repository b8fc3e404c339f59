/** The sparkline of requests in the status line: blessed-contrib's, in one row, seconds with errors in another colour. */
import contribSparkline from 'blessed-contrib/lib/widget/sparkline.js';
import type { Snapshot } from '../../proxy/contract/snapshot.js';
import type { BlessedBox, BlessedScreen } from '../terminal/blessed-ext.js';
import { sparkValues, type SparkPlace } from '../views/status.js';
import type { Style, Theme } from '../text/theme.js';

type SparklineBox = BlessedBox & { setData(titles: readonly string[], data: readonly (readonly number[])[]): void };

// only this widget: all of blessed-contrib takes three times as long to load as the rest of the screen
const sparkline = contribSparkline as (options: unknown) => SparklineBox;

/** Its content is an empty line, a title, then the line that we show. */
const LINE = 2;
/** The widget leaves out as many values as a border would take. */
const BORDER = 2;

export class StatusSparkline {
  private box: SparklineBox | null = null;
  /** What the widget was last given. */
  private shown = '';

  constructor(private readonly screen: BlessedScreen) {}

  /** Shows the last values, where the status line left space for them; null hides it. */
  show(place: SparkPlace | null, { perSecond, errorsPerSecond }: Snapshot['traffic'], theme: Theme): void {
    // ASCII levels are drawn by the status line itself.
    if (place === null || theme.ascii) {
      this.box?.hide();
      return;
    }
    this.box ??= sparkline({
      ...{ parent: this.screen, top: 0, left: place.left, width: place.width, height: 1 },
      ...{ tags: true, wrap: false, scrollable: true, style: styleOf(theme) },
    });
    const box = this.box;
    box.show();
    box.left = place.left;
    const shown = sparkValues(perSecond, place.width);
    const errors = sparkValues(errorsPerSecond, place.width);
    const key = `${shown.join(' ')} ${errors.join(' ')} ${theme.sgr.warn}`;
    // The values change once a second, and setting them takes a tenth of a frame's time.
    if (key === this.shown) return;
    this.shown = key;
    box.width = place.width + BORDER;
    box.setData([''], [shown]);
    box.setContent(withErrors(box.content, errors, colourOf(theme, 'warn')));
    box.width = place.width;
    box.childBase = LINE;
  }
}

/** The line of levels with the tags that blessed reads as colours. */
function withErrors(content: string, errors: readonly number[], colour: number | undefined): string {
  if (colour === undefined) return content;
  const lines = content.split('\r\n');
  const tagged = Array.from(lines[LINE] ?? '', (level, at) =>
    errors[at] === 0 ? level : `{${colour}-fg}${level}{/${colour}-fg}`,
  );
  return lines.map((line, at) => (at === LINE ? tagged.join('') : line)).join('\r\n');
}

/** A style's colour as a number, as blessed's widgets take it, not as SGR. */
export function colourOf({ sgr }: Theme, style: Style): number | undefined {
  const codes = /\[([\d;]*)m/.exec(sgr[style])?.[1] ?? '';
  const colour = /38;5;(\d+)/.exec(codes)?.[1] ?? /(?:^|;)3([0-7])(?:;|$)/.exec(codes)?.[1];
  return colour === undefined ? undefined : Number(colour);
}

function styleOf(theme: Theme): { readonly fg?: number; readonly bold: boolean } {
  const fg = colourOf(theme, 'accent');
  return { ...(fg !== undefined && { fg }), bold: /\[1(;|m)/.test(theme.sgr.accent) };
}
