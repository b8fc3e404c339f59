/** The accounts pane: one row for each account, from snapshot to cells, and the window over ten thousand of them. */
import type { AccountRow, Acting, Testing } from '../../proxy/contract/snapshot.js';
import { actingText, testingText } from './progress.js';
import { cutTo, framed, line, span, widthOf, type Line, type Span } from '../text/lines.js';
import { pad, plural, sanitise } from '../text/text.js';
import { grouped } from '../../store/words/counted.js';
import type { Style, Theme } from '../text/theme.js';
import {
  columnWidths,
  LEAD,
  marks,
  shownColumns,
  stateMark,
  type Column,
  type ColumnSet,
  type RowContext,
} from './account-columns.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { phrase } from '../text/phrase.js';

/**
 * How a row is highlighted for a moment: its grant just died (by phase of the flash), or the account just came back.
 */
export type Highlight = 'flash' | 'recovered' | null;

function headings(context: RowContext): Line {
  const titles = context.shown.map((column) => pad(phrase(column.title), column.width(context), column.align));
  return line(span(`${' '.repeat(LEAD)}${titles.join('')}`, 'dim'));
}

/** One account as one line. */
export function accountRow(
  row: AccountRow,
  context: RowContext,
  look: { readonly selected: boolean; readonly marked: boolean; readonly highlight: Highlight },
): Line {
  const { glyphs } = context;
  const mark = marks[row.state];
  const lead = ` ${look.selected ? glyphs.selected : ' '}${look.marked ? '+' : ' '}`;
  const spans: Span[] = [span(lead, 'accent'), stateMark(row.state, glyphs), span(' ')];
  for (const column of context.shown) addCell(spans, column, row, context);
  const ground = look.selected ? { ground: 'selected' as const } : {};
  if (look.highlight === 'flash') return { spans: inStyle(spans, 'plain'), ground: 'deadFlash' };
  if (look.highlight === 'recovered') return { spans: inStyle(spans, 'plain'), ground: 'recovered' };
  if (row.state === 'disabled') return { spans: inStyle(spans, 'dead'), ...ground };
  if (mark.text === 'plain') return { spans, ...ground };
  return { spans: spans.map(({ text, style }) => span(text, style === 'plain' ? mark.text : style)), ...ground };
}

const inStyle = (spans: readonly Span[], style: Style): Span[] => spans.map(({ text }) => span(text, style));

/** Appends a column's cells, with blanks up to its width. */
function addCell(spans: Span[], column: Column, row: AccountRow, context: RowContext): void {
  const width = column.width(context);
  const cells = cutTo(column.cells(row, context), width, context.glyphs.cut);
  const gap = width - widthOf(cells);
  if (gap > 0 && column.align === 'right') spans.push(span(' '.repeat(gap)));
  spans.push(...cells);
  if (gap > 0 && column.align === 'left') spans.push(span(' '.repeat(gap)));
}

export interface AccountsModel {
  readonly now: number;
  /** In the order to show. */
  readonly rows: readonly AccountRow[];
  /** Before the filter. */
  readonly all: readonly AccountRow[];
  /** How many accounts there are: the rows of very many come by and by. */
  readonly total: number;
  /** Some OAuth client is configured. */
  readonly hasClient: boolean;
  readonly selectedId: string | null;
  readonly marked: ReadonlySet<string>;
  /** The progress of `t` and `T`; null: no tests run. */
  readonly testing: Testing | null;
  readonly acting: Acting | null;
  readonly sort: PlainWord;
  readonly direction: 'forwards' | 'backwards';
  readonly columns: ColumnSet;
  readonly filter: string;
  readonly longestEmail: number;
  /** First row of the window; see `windowTop`. */
  readonly top: number;
  readonly highlight: (id: string) => Highlight;
  /** Whether the border flashes too. */
  readonly alarmed: boolean;
  readonly focused: boolean;
  /** A form under the row of this id (as the first line where that id is not listed), as wide as the pane's inside. */
  readonly form: { readonly accountId: string | null; readonly lines: readonly Line[] } | null;
}

/** The first row of a window of `height` rows that keeps `selected` in sight and moves as little as possible. */
export function windowTop(top: number, selected: number, count: number, height: number): number {
  const highest = Math.max(0, count - height);
  const pulled = selected < top ? selected : selected >= top + height ? selected - height + 1 : top;
  return Math.max(0, Math.min(pulled, highest));
}

/** Rows of accounts that fit into a pane of `height` rows. */
export const accountsRoom = (height: number, formHeight: number): number => Math.max(1, height - 3 - formHeight);

/** The pane as `height` painted rows. */
export function accountsPane(model: AccountsModel, width: number, height: number, theme: Theme): string[] {
  const inner = width - 2;
  const shown = shownColumns(model.columns, inner, model.all);
  const context: RowContext = {
    now: model.now,
    glyphs: theme.glyphs,
    ...columnWidths(inner, model.longestEmail, shown),
    shown,
  };
  const { form } = model;
  const room = accountsRoom(height, form?.lines.length ?? 0);
  const body: Line[] = model.all.length === 0 ? [] : [headings(context)];
  // also where its account is gone from the list: it has the keys
  if (form !== null && !model.rows.some(({ id }) => id === form.accountId)) body.push(...form.lines);
  for (const row of model.rows.slice(model.top, model.top + room)) {
    const look = {
      selected: row.id === model.selectedId,
      marked: model.marked.has(row.id),
      highlight: model.highlight(row.id),
    };
    body.push(accountRow(row, context, look));
    if (form?.accountId === row.id) body.push(...form.lines);
  }
  if (form === null && model.rows.length === 0) body.push(...emptyLines(model));
  const frame = {
    title: titleOf(model, inner),
    note: noteOf(model, room, inner),
    border: model.alarmed ? ('dead' as const) : model.focused ? ('accent' as const) : ('dim' as const),
    focused: model.focused,
  };
  return framed(frame, body, width, height, theme);
}

/** What is under way, and what stops it, come before what is marked, where there is no room for all. */
function titleOf(model: AccountsModel, width: number): Span[] {
  for (const what of ['all', 'under way'] as const) {
    const title = titleWith(model, what);
    if (widthOf(title) + BORDER <= width) return title;
  }
  return titleWith(model, 'how far');
}

function titleWith(model: AccountsModel, what: 'all' | 'under way' | 'how far'): Span[] {
  const { all, total, rows, filter, marked, testing, acting, focused, now } = model;
  const progress = [actingText(acting, now), testingText(testing, now)].filter((text) => text !== '');
  const isAll = what === 'all' || progress.length === 0;
  const spans = [span(phrase('1 Accounts'), focused ? 'key' : 'bold'), span(`  ${total}`, 'dim')];
  if (marked.size > 0 && isAll) spans.push(span(`  ${phrase('{n} marked', { n: marked.size })}`, 'accent'));
  if (filter !== '')
    spans.push(
      span(`  /${sanitise(filter)}`, 'match'),
      span(` ${phrase('{n} hidden', { n: grouped(all.length - rows.length) })}`, 'dim'),
    );
  for (const text of progress) spans.push(span(`  ${sanitise(text)}`, 'accent'));
  if (progress.length > 0 && what !== 'how far') spans.push(span(`, ${phrase('Esc stops')}`, 'accent'));
  return spans;
}

/** Cells that the border needs beside title and note. */
const BORDER = 7;

function noteOf(model: AccountsModel, room: number, width: number): Span[] {
  const { rows, all, sort, direction, filter, top } = model;
  const below = Math.max(0, rows.length - top - room);
  const hidden = [
    top > 0 ? phrase('{n} above', { n: top }) : '',
    below > 0 ? phrase('{n} below', { n: below }) : '',
  ].filter((text) => text !== '');
  const shown = filter === '' ? '' : ` · ${phrase('{n} of {all}', { n: rows.length, all: all.length })}`;
  const order = phrase(sort);
  const sorted =
    direction === 'backwards' ? phrase('sort {order} reversed', { order }) : phrase('sort {order}', { order });
  const whole = `${hidden.length === 0 ? '' : `${hidden.join(', ')} · `}${sorted}${shown}`;
  // where both do not fit, the number of rows out of sight is shown before the sort order
  const left = width - widthOf(titleOf(model, width)) - BORDER;
  return [span(whole.length <= left || hidden.length === 0 ? whole : hidden.join(', '), 'dim')];
}

function emptyLines({ all, filter, hasClient }: AccountsModel): Line[] {
  if (all.length > 0) {
    return [
      line(
        span(
          `   ${phrase('none of {accounts} matches /{filter}; Esc shows all', { accounts: plural(all.length, 'account'), filter: sanitise(filter) })}`,
          'dim',
        ),
      ),
    ];
  }
  return [
    line(),
    line(span(`   ${phrase('No account yet. The proxy answers 503 until there is one.')}`, 'bold')),
    line(),
    ...(hasClient ? [] : [step('O', phrase('first the OAuth client: its id and secret, checked with Google'))]),
    step(
      'o',
      hasClient
        ? phrase('log in with Google: a link for any browser, the answer pasted')
        : phrase('then log in with Google: a link for any browser, the answer pasted'),
    ),
    step('a', phrase('or paste a refresh token; it is checked with Google and saved')),
  ];
}

const step = (key: string, does: string): Line => line(span(`   ${key}   `, 'key'), span(does));
