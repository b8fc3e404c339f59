/** `:boxes`: the machines that share the pool. */
import type { BoxRow, PoolBoxes } from '../../proxy/contract/snapshot.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { tell } from '../../store/words/tongue.js';
import type { Desk } from '../desk/desk.js';
import { line, span, type Line, type Span } from '../text/lines.js';
import { phrase } from '../text/phrase.js';
import { age, pad, sanitise, wrap } from '../text/text.js';
import type { Theme } from '../text/theme.js';
import type { Acts } from './choice-sheet.js';
import { WatchedSheet } from './watched-sheet.js';
import { windowOf } from './window.js';

export class BoxesSheet extends WatchedSheet<PoolBoxes | null> {
  readonly place = 'panes';
  readonly foot = phrase('j k choose · / find · Esc back');
  protected readonly everyMs = 1_000;
  protected readonly byKey: Acts = {};

  override title(): readonly Span[] {
    return [span(phrase('boxes'), 'key')];
  }

  override note(): readonly Span[] {
    return [];
  }

  protected override see({ snapshot }: Desk): Promise<PoolBoxes | null> {
    return Promise.resolve(snapshot.boxes);
  }

  override lines(desk: Desk, width: number, theme: Theme): readonly Line[] {
    const { boxes } = desk.snapshot;
    if (boxes === null)
      return wrap(
        phrase('the accounts are files of this machine alone; database.url names a PostgreSQL for several'),
        width - 2,
      ).map((text) => line(span(` ${text}`, 'dim')));
    return boxLines(boxes, desk.snapshot.now, { index: this.index, room: this.space - 1 }, width, theme);
  }

  protected get ids(): readonly string[] {
    return this.seen?.all.map(({ name }) => name) ?? [];
  }

  protected get names(): readonly string[] {
    return this.ids;
  }
}

interface Column {
  readonly title: PlainWord;
  readonly width: number;
  /** Shown from this width on. */
  readonly from: number;
  readonly text: (box: BoxRow, now: number) => string;
}

const columns: readonly Column[] = [
  { title: 'BOX', width: 20, from: 0, text: ({ name }) => name },
  { title: 'STATE', width: 14, from: 0, text: stateText },
  { title: 'ADDRESS', width: 22, from: 0, text: ({ address }) => address },
  { title: 'UP', width: 6, from: 72, text: ({ startedAt }, now) => age(Math.max(0, now - startedAt)) },
  { title: 'VERSION', width: 9, from: 90, text: ({ version }) => version },
  {
    title: 'CLOCK',
    width: 9,
    from: 100,
    text: ({ skewMs }) => (skewMs === null ? '' : `${(skewMs / 1000).toFixed(1)} s`),
  },
  { title: 'SENDING', width: 8, from: 110, text: ({ openLeases }) => String(openLeases) },
  { title: 'SPOOLED', width: 8, from: 120, text: ({ spooled }) => String(spooled) },
];

function stateText({ isGone, seenAt }: BoxRow, now: number): string {
  return isGone ? tell('gone {time}', { time: age(Math.max(0, now - seenAt)) }) : tell('is here');
}

function boxLines(
  { own, all }: PoolBoxes,
  now: number,
  { index, room }: { readonly index: number; readonly room: number },
  width: number,
  { glyphs }: Theme,
): readonly Line[] {
  const shown = columns.filter(({ from }) => width >= from);
  const cells = (text: (column: Column) => string): string =>
    shown
      .map((column) => ` ${pad(sanitise(text(column)), column.width, 'left', glyphs.cut)}`)
      .join('')
      .trimEnd();
  const chosen = all[index];
  const lines = windowOf(all, index, room).map((box) =>
    line(
      span(` ${box === chosen ? glyphs.selected : ' '}`),
      span(
        cells(({ text }) => text(box, now)),
        box.isGone ? 'warn' : box === chosen || box.name === own ? 'bold' : 'plain',
      ),
    ),
  );
  return [line(span(`  ${cells(({ title }) => tell(title))}`, 'dim')), ...lines];
}
