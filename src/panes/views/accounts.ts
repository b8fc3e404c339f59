/** The accounts pane: one row an account, from its snapshot to cells, and the window over ten thousand of them. */
import type { AccountRow, AccountState, Testing } from '../../proxy/contract/snapshot.js';
import { cutTo, framed, line, span, widthOf, type Line, type Span } from '../text/lines.js';
import { accountName, ago, count, countdown, pad, plural, sanitise, stateWords } from '../text/text.js';
import type { Glyphs, Style, Theme } from '../text/theme.js';
import { whyCell } from './why.js';

/** How a row stands out for a moment: it just died (by phase of the flash), or it just came back. */
export type Highlight = 'flash' | 'recovered' | null;

export interface RowContext {
  readonly now: number;
  readonly glyphs: Glyphs;
  readonly emailWidth: number;
  readonly whyWidth: number;
}

const marks: Record<
  AccountState,
  { readonly glyph: (glyphs: Glyphs) => string; readonly style: Style; readonly text: Style }
> = {
  ready: { glyph: (g) => g.ready, style: 'good', text: 'plain' },
  cooling: { glyph: (g) => g.cooling, style: 'warn', text: 'plain' },
  disabled: { glyph: (g) => g.dead, style: 'dead', text: 'dead' },
  proxy_disabled: { glyph: (g) => g.off, style: 'dim', text: 'dim' },
  refused: { glyph: () => '?', style: 'warn', text: 'plain' },
  blocked: { glyph: () => '!', style: 'warn', text: 'plain' },
  no_client: { glyph: () => '?', style: 'warn', text: 'plain' },
  unreadable: { glyph: () => '!', style: 'warn', text: 'plain' },
};

/** Glyph and style of a state, the same wherever an account is named. */
export const stateMark = (state: AccountState, glyphs: Glyphs): Span =>
  span(marks[state].glyph(glyphs), marks[state].style);

interface Column {
  readonly title: string;
  readonly width: (context: RowContext) => number;
  readonly align: 'left' | 'right';
  /** Shown from this width of the pane's inside on. */
  readonly from: number;
  readonly cells: (row: AccountRow, context: RowContext) => readonly Span[];
}

const fixed = (width: number) => (): number => width;
const number = (value: number, width: number, style: Style = 'plain'): Span[] => [span(count(value, width - 1), style)];

const columns: readonly Column[] = [
  {
    title: 'STATE',
    width: fixed(10),
    align: 'left',
    from: 0,
    cells: (row) => [span(stateWords[row.state], marks[row.state].style)],
  },
  {
    title: 'ACCOUNT',
    width: ({ emailWidth }) => emailWidth + 1,
    align: 'left',
    from: 0,
    cells: (row, { emailWidth, glyphs }) => [span(pad(sanitise(accountName(row)), emailWidth, 'left', glyphs.cut))],
  },
  { title: 'TOKEN', width: fixed(6), align: 'right', from: 62, cells: tokenCell },
  { title: 'REQ', width: fixed(6), align: 'right', from: 66, cells: (row) => number(row.requests, 6) },
  {
    title: 'ERR',
    width: fixed(5),
    align: 'right',
    from: 66,
    cells: (row) => number(row.errors, 5, row.errors > 0 ? 'warn' : 'dim'),
  },
  {
    title: 'FLY',
    width: fixed(4),
    align: 'right',
    from: 104,
    cells: (row) => number(row.inFlight, 4, row.inFlight > 0 ? 'accent' : 'dim'),
  },
  {
    title: 'LAST',
    width: fixed(5),
    align: 'right',
    from: 92,
    cells: (row, { now, glyphs }) => [span(row.lastUsed === null ? glyphs.dash : ago(now - row.lastUsed), 'dim')],
  },
  { title: '  QUOTA', width: fixed(12), align: 'left', from: 116, cells: quotaCell },
  {
    title: ' PROJECT',
    width: fixed(18),
    align: 'left',
    from: 160,
    cells: (row, { glyphs }) => [
      span(` ${pad(sanitise(row.projectId ?? glyphs.dash), 16, 'left', glyphs.cut)}`, 'dim'),
    ],
  },
  {
    title: ' CLIENT',
    width: fixed(12),
    align: 'left',
    from: 160,
    cells: (row, { glyphs }) => [span(` ${pad(sanitise(row.client), 11, 'left', glyphs.cut)}`, 'dim')],
  },
  {
    title: '  WHY / NEXT',
    width: ({ whyWidth }) => whyWidth,
    align: 'left',
    from: 0,
    cells: (row, { now, whyWidth, glyphs }) => [span('  '), ...whyCell(row, now, whyWidth - 2, glyphs)],
  },
];

function tokenCell(row: AccountRow, { now, glyphs }: RowContext): Span[] {
  if (row.accessExpiresAt === null || row.state === 'disabled' || row.state === 'refused')
    return [span(glyphs.dash, 'dim')];
  const left = row.accessExpiresAt - now;
  if (left <= 0) return [span('due', 'dim')];
  return [span(countdown(left), left < 60_000 ? 'warn' : 'plain')];
}

function quotaCell({ quotaPercent }: AccountRow, { glyphs }: RowContext): Span[] {
  if (quotaPercent === null) return [span(`  ${glyphs.dash}`, 'dim')];
  const full = Math.round(quotaPercent / 20);
  const style: Style = quotaPercent < 10 ? 'warn' : quotaPercent < 40 ? 'plain' : 'dim';
  const bar = glyphs.full.repeat(full) + glyphs.empty.repeat(5 - full);
  return [span(`  ${bar}`, style), span(`${Math.round(quotaPercent)}%`.padStart(5), style)];
}

/** Marker, mark and state glyph stand before the columns. */
const LEAD = 5;

/** How the pane's inside of `width` cells is parted: e-mails stay whole as long as the reason keeps a few words. */
export function columnWidths(width: number, longestEmail: number): Pick<RowContext, 'emailWidth' | 'whyWidth'> {
  const shown = columns.filter(({ from }) => from <= width);
  const none = { now: 0, glyphs: {} as Glyphs, emailWidth: 0, whyWidth: 0 };
  const margin = width < 100 ? 0 : 1;
  const rest = width - LEAD - shown.reduce((sum, column) => sum + column.width(none), 0) - margin;
  const leastWhy = width < 70 ? 12 : width < 100 ? 19 : 30;
  const emailWidth = Math.max(12, Math.min(Math.max(longestEmail, 16), rest - leastWhy));
  return { emailWidth, whyWidth: Math.max(0, rest - emailWidth) };
}

function headings(width: number, context: RowContext): Line {
  const titles = columns
    .filter(({ from }) => from <= width)
    .map((column) => pad(column.title, column.width(context), column.align));
  return line(span(`${' '.repeat(LEAD)}${titles.join('')}`, 'dim'));
}

/** One account as one line of `width` cells. */
export function accountRow(
  row: AccountRow,
  width: number,
  context: RowContext,
  look: { readonly selected: boolean; readonly marked: boolean; readonly highlight: Highlight },
): Line {
  const { glyphs } = context;
  const mark = marks[row.state];
  const lead = ` ${look.selected ? glyphs.selected : ' '}${look.marked ? '+' : ' '}`;
  const spans: Span[] = [span(lead, 'accent'), stateMark(row.state, glyphs), span(' ')];
  for (const column of columns) if (column.from <= width) addCell(spans, column, row, context);
  const ground = look.selected ? { ground: 'selected' as const } : {};
  if (look.highlight === 'flash') return { spans: inStyle(spans, 'plain'), ground: 'deadFlash' };
  if (look.highlight === 'recovered') return { spans: inStyle(spans, 'plain'), ground: 'recovered' };
  if (row.state === 'disabled') return { spans: inStyle(spans, 'dead'), ...ground };
  if (mark.text === 'plain') return { spans, ...ground };
  return { spans: spans.map(({ text, style }) => span(text, style === 'plain' ? mark.text : style)), ...ground };
}

const inStyle = (spans: readonly Span[], style: Style): Span[] => spans.map(({ text }) => span(text, style));

/** Puts a column's cells behind what is there, with blanks to its width. */
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
  /** Accounts in all, before the filter. */
  readonly total: number;
  /** Some OAuth client is configured. */
  readonly hasClient: boolean;
  readonly selectedId: string | null;
  readonly marked: ReadonlySet<string>;
  /** How far `t` and `T` are; null: nobody asked. */
  readonly testing: Testing | null;
  readonly sort: string;
  readonly filter: string;
  readonly longestEmail: number;
  /** First row of the window; see `windowTop`. */
  readonly top: number;
  readonly highlight: (id: string) => Highlight;
  /** The border takes part in the flash. */
  readonly alarmed: boolean;
  readonly focused: boolean;
  /** A form under the row of this id (the first line, where none of this id is listed), as wide as the pane's inside. */
  readonly form: { readonly accountId: string | null; readonly lines: readonly Line[] } | null;
}

/** The first row of a window of `height` rows that keeps `selected` in sight and moves as little as it can. */
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
  const context: RowContext = {
    now: model.now,
    glyphs: theme.glyphs,
    ...columnWidths(inner, model.longestEmail),
  };
  const { form } = model;
  const room = accountsRoom(height, form?.lines.length ?? 0);
  const body: Line[] = model.total === 0 ? [] : [headings(inner, context)];
  // also where its account is gone from the list: it has the keys
  if (form !== null && !model.rows.some(({ id }) => id === form.accountId)) body.push(...form.lines);
  for (const row of model.rows.slice(model.top, model.top + room)) {
    const look = {
      selected: row.id === model.selectedId,
      marked: model.marked.has(row.id),
      highlight: model.highlight(row.id),
    };
    body.push(accountRow(row, inner, context, look));
    if (form?.accountId === row.id) body.push(...form.lines);
  }
  if (form === null && model.rows.length === 0) body.push(...emptyLines(model));
  const frame = {
    title: titleOf(model),
    note: noteOf(model, room, inner),
    border: model.alarmed ? ('dead' as const) : model.focused ? ('accent' as const) : ('dim' as const),
    focused: model.focused,
  };
  return framed(frame, body, width, height, theme);
}

/** `testing 12 of 40, 2 refused`: how far the operator's tests are, and what they came to so far. */
export function testingText({ done, of, refused, unanswered }: Testing): string {
  const bad = [refused > 0 ? `${refused} refused` : '', unanswered > 0 ? `${unanswered} unanswered` : ''];
  return [`testing ${done} of ${of}`, ...bad].filter((text) => text !== '').join(', ');
}

function titleOf({ total, filter, marked, testing, focused }: AccountsModel): Span[] {
  const spans = [span('1 Accounts', focused ? 'key' : 'bold'), span(`  ${total}`, 'dim')];
  if (marked.size > 0) spans.push(span(`  ${marked.size} marked`, 'accent'));
  if (filter !== '') spans.push(span(`  /${sanitise(filter)}`, 'match'));
  if (testing !== null && testing.of > 1) spans.push(span(`  ${testingText(testing)}`, 'accent'));
  return spans;
}

/** Cells that the border needs beside title and note. */
const BORDER = 7;

function noteOf(model: AccountsModel, room: number, width: number): Span[] {
  const { rows, total, sort, filter, top } = model;
  const below = Math.max(0, rows.length - top - room);
  const hidden = [top > 0 ? `${top} above` : '', below > 0 ? `${below} below` : ''].filter((text) => text !== '');
  const shown = filter === '' ? '' : ` · ${rows.length} of ${total}`;
  const whole = `${hidden.length === 0 ? '' : `${hidden.join(', ')} · `}sort ${sort}${shown}`;
  // rows out of sight are told before how they are sorted
  const left = width - widthOf(titleOf(model)) - BORDER;
  return [span(whole.length <= left || hidden.length === 0 ? whole : hidden.join(', '), 'dim')];
}

function emptyLines({ total, filter, hasClient }: AccountsModel): Line[] {
  if (total > 0) {
    return [line(span(`   none of ${plural(total, 'account')} matches /${sanitise(filter)}; Esc shows all`, 'dim'))];
  }
  return [
    line(),
    line(span('   No account yet. The proxy answers 503 until there is one.', 'bold')),
    line(),
    ...(hasClient ? [] : [step('O', 'first the OAuth client: its id and secret, checked with Google')]),
    step('o', `${hasClient ? '' : 'then '}log in with Google: a link for any browser, the answer pasted`),
    step('a', 'or paste a refresh token; it is checked with Google and saved'),
  ];
}

const step = (key: string, does: string): Line => line(span(`   ${key}   `, 'key'), span(does));
