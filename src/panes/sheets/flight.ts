/** `:flight`: the requests under way, one by one, the oldest first; looked at anew every second. */
import type { FlightRow, InFlight } from '../../proxy/contract/operations.js';
import type { Desk } from '../desk/desk.js';
import { line, span, type Line, type Span } from '../text/lines.js';
import { age, count, pad, plural, sanitise } from '../text/text.js';
import { grouped } from '../../store/words/counted.js';
import type { Style, Theme } from '../text/theme.js';
import type { Acts } from './choice-sheet.js';
import { openDetail } from './detail.js';
import { WatchedSheet } from './watched-sheet.js';
import { windowOf } from './window.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { phrase } from '../text/phrase.js';
import { tell } from '../../store/words/tongue.js';
import { told } from '../../store/words/told.js';

const words = {
  held: 'waits',
  asked: 'asked',
  answer: 'answer ¦ flight',
  stream: 'stream',
  live: 'live',
} as const satisfies Readonly<Record<FlightRow['kind'], PlainWord>>;

export class FlightSheet extends WatchedSheet<InFlight> {
  readonly place = 'panes';
  readonly foot = phrase('j k choose · Enter the account · / find · Esc back');
  protected readonly everyMs = 1_000;

  override title(): readonly Span[] {
    return [span(phrase('in flight'), 'key')];
  }

  override note(): readonly Span[] {
    if (this.seen === null) return [];
    const { total, rows } = this.seen;
    const all = plural(total, 'request');
    const shown =
      total > rows.length ? phrase('the oldest {n} of {requests}', { n: grouped(rows.length), requests: all }) : all;
    return [span(shown, 'dim')];
  }

  protected override see({ supervisor }: Desk): Promise<InFlight> {
    return supervisor.operations.flight();
  }

  override lines(_desk: Desk, width: number, theme: Theme): readonly Line[] {
    if (this.trouble !== '') return [line(span(` ${sanitise(told(this.trouble))}`, 'warn'))];
    if (this.seen === null) return [line(span(` ${phrase('looking')}`, 'dim'))];
    if (this.seen.rows.length === 0) return [line(span(` ${phrase('nothing is in flight')}`, 'dim'))];
    return flightLines(this.seen.rows, { index: this.index, room: this.space - 1 }, width, theme);
  }

  protected get ids(): readonly string[] {
    return this.seen?.rows.map(({ id }) => id) ?? [];
  }

  protected get names(): readonly string[] {
    const rows = this.seen?.rows ?? [];
    return rows.map(({ kind, key, model, account, protocol, id, ip }) =>
      [tell(words[kind]), key, model, account, protocol, id, ip].map((text) => text ?? '').join(' '),
    );
  }

  protected readonly byKey: Acts = {
    enter: (desk) => {
      const email = this.seen?.rows[this.index]?.account ?? null;
      const row = desk.snapshot.accounts.find((account) => account.email === email);
      if (row === undefined) desk.say(tell('no account serves it yet'), 'warn');
      else openDetail(desk, row.id);
    },
  };
}

/** The requests as lines, the chosen one marked. */
export function flightLines(
  rows: readonly FlightRow[],
  { index, room }: { readonly index: number; readonly room: number },
  width: number,
  { glyphs }: Theme,
): readonly Line[] {
  const shown = columns(width - MARK);
  const cells = (text: (column: Column) => string): string =>
    shown
      .map((column) => ` ${pad(sanitise(text(column)), column.width, column.align, glyphs.cut)}`)
      .join('')
      .trimEnd();
  const chosen = rows[index];
  const lines = windowOf(rows, index, room).map((row) => {
    const isChosen = row === chosen;
    return line(
      span(` ${isChosen ? glyphs.selected : ' '}`),
      span(
        cells(({ text }) => text(row) ?? glyphs.dash),
        styleOf(row, isChosen),
      ),
    );
  });
  return [line(span(`  ${cells(({ title }) => tell(title))}`, 'dim')), ...lines];
}

/** The width of what marks the chosen line. */
const MARK = 2;

function styleOf({ kind }: FlightRow, isChosen: boolean): Style {
  if (isChosen) return 'bold';
  return kind === 'held' ? 'warn' : 'plain';
}

interface Column {
  readonly title: PlainWord;
  readonly width: number;
  readonly align: 'left' | 'right';
  /** Shown from this width on. */
  readonly from: number;
  /** null: there is nothing to say. */
  readonly text: (row: FlightRow) => string | null;
}

/** Columns whose width does not depend on the sheet's. */
const fixed: readonly Column[] = [
  { title: 'AGE', width: 6, align: 'right', from: 0, text: ({ ageMs }) => age(ageMs) },
  { title: 'DOES', width: 6, align: 'left', from: 0, text: ({ kind }) => tell(words[kind]) },
  { title: 'BYTES', width: 6, align: 'right', from: 0, text: ({ bytes }) => count(bytes, 6) },
  { title: 'KEY', width: 12, align: 'left', from: 0, text: ({ key }) => key },
];
const details: readonly Column[] = [
  { title: 'PROTOCOL', width: 16, align: 'left', from: 110, text: ({ protocol }) => protocol },
  { title: 'ID', width: 12, align: 'left', from: 130, text: ({ id }) => id },
  { title: 'FROM', width: 39, align: 'left', from: 170, text: ({ ip }) => ip },
];
const LONGEST_MODEL = 32;
const LONGEST_EMAIL = 44;

/** The columns that fit, with what is left shared by the two that are cut. */
function columns(width: number): readonly Column[] {
  const further = details.filter(({ from }) => width >= from);
  const taken = [...fixed, ...further].reduce((sum, column) => sum + column.width + 1, 0);
  const left = Math.max(0, width - taken - 2);
  const account = Math.min(LONGEST_EMAIL, Math.ceil(left * 0.45));
  const model = Math.min(LONGEST_MODEL, left - account);
  return [
    ...fixed,
    { title: 'MODEL', width: model, align: 'left', from: 0, text: (row) => row.model },
    { title: 'ACCOUNT', width: account, align: 'left', from: 0, text: (row) => row.account },
    ...further,
  ];
}
