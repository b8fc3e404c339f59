/** The columns of the accounts pane: what each shows of an account, and how wide it is. */
import type { AccountRow, AccountState } from '../../proxy/contract/snapshot.js';
import { span, type Span } from '../text/lines.js';
import { accountName, ago, count, countdown, pad, sanitise, stateWords } from '../text/text.js';
import type { Glyphs, Style } from '../text/theme.js';
import { RowTally } from './row-sum.js';
import { whyCell } from './why.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { phrase } from '../text/phrase.js';

export interface RowContext {
  readonly now: number;
  readonly glyphs: Glyphs;
  readonly emailWidth: number;
  readonly whyWidth: number;
  readonly shown: readonly Column[];
}

export const marks: Record<
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

/** The sets of columns that can be shown, with their names. */
export const columnSets = {
  fitting: 'those that fit',
  all: 'all of them, the reason cut',
  few: 'state, account and reason',
} as const satisfies Record<string, PlainWord>;
export type ColumnSet = keyof typeof columnSets;

export interface Column {
  readonly title: PlainWord;
  readonly width: (context: RowContext) => number;
  readonly align: 'left' | 'right';
  /** Shown from this width of the pane's inside on. */
  readonly from: number;
  readonly cells: (row: AccountRow, context: RowContext) => readonly Span[];
  /** Whether it says anything of this account; a column that does so of none is left out. Missing: always. */
  readonly says?: (row: AccountRow) => boolean;
  /** What it tells accounts apart by: it is left out where that is the same for all. */
  readonly tells?: (row: AccountRow) => string;
}

const fixed = (width: number) => (): number => width;
/** As wide, or wider where the title is so in the operator's tongue. */
const titled = (width: number, title: PlainWord) => (): number => Math.max(width, phrase(title).length + 1);
const number = (value: number, width: number, style: Style = 'plain'): Span[] => [span(count(value, width - 1), style)];

/** What is in flight comes and goes: its column stays once a request was there. */
const hasBeenAsked = ({ requests, inFlight }: AccountRow): boolean => requests > 0 || inFlight > 0;

const columns: readonly Column[] = [
  {
    title: 'STATE',
    width: fixed(10),
    align: 'left',
    from: 0,
    cells: (row) => [span(phrase(stateWords[row.state]), marks[row.state].style)],
  },
  {
    title: 'ACCOUNT',
    width: ({ emailWidth }) => emailWidth + 1,
    align: 'left',
    from: 0,
    cells: (row, { emailWidth, glyphs }) => [span(pad(sanitise(accountName(row)), emailWidth, 'left', glyphs.cut))],
  },
  {
    title: 'TOKEN',
    width: fixed(6),
    align: 'right',
    from: 62,
    cells: tokenCell,
    says: ({ accessExpiresAt }) => accessExpiresAt !== null,
  },
  {
    title: 'REQ',
    width: fixed(6),
    align: 'right',
    from: 66,
    cells: (row) => number(row.requests, 6),
    says: hasBeenAsked,
  },
  {
    title: 'ERR',
    width: fixed(5),
    align: 'right',
    from: 66,
    cells: (row) => number(row.errors, 5, row.errors > 0 ? 'warn' : 'dim'),
    says: ({ errors }) => errors > 0,
  },
  {
    title: 'FLY',
    width: titled(4, 'FLY'),
    align: 'right',
    from: 104,
    cells: (row) => number(row.inFlight, 4, row.inFlight > 0 ? 'accent' : 'dim'),
    says: hasBeenAsked,
  },
  {
    title: 'LAST',
    width: fixed(5),
    align: 'right',
    from: 92,
    cells: (row, { now, glyphs }) => [span(row.lastUsed === null ? glyphs.dash : ago(now - row.lastUsed), 'dim')],
    says: ({ lastUsed }) => lastUsed !== null,
  },
  {
    title: '  QUOTA',
    width: fixed(12),
    align: 'left',
    from: 116,
    cells: quotaCell,
    says: ({ quotaPercent }) => quotaPercent !== null,
  },
  {
    title: ' PROJECT',
    width: fixed(18),
    align: 'left',
    from: 160,
    cells: (row, { glyphs }) => [
      span(` ${pad(sanitise(row.projectId ?? glyphs.dash), 16, 'left', glyphs.cut)}`, 'dim'),
    ],
    says: ({ projectId }) => projectId !== null,
  },
  {
    title: ' CLIENT',
    width: fixed(12),
    align: 'left',
    from: 160,
    cells: (row, { glyphs }) => [span(` ${pad(sanitise(row.client), 11, 'left', glyphs.cut)}`, 'dim')],
    tells: ({ client }) => client,
  },
  {
    title: '  WHY / NEXT',
    width: ({ whyWidth }) => whyWidth,
    align: 'left',
    from: 0,
    cells: (row, { now, whyWidth, glyphs }) => [span('  '), ...whyCell(row, now, whyWidth - 2, glyphs)],
  },
];

/** The columns of a pane whose inside is so wide: those that say something of some account; `all` cuts the reason, down to what a few words need. */
export function shownColumns(set: ColumnSet, width: number, rows: readonly AccountRow[]): readonly Column[] {
  if (set === 'few') return columns.filter(({ from }) => from === 0);
  if (set === 'all') return columns.filter(({ from }) => from <= width + WIDENED);
  const tally = saying.of(rows);
  return columns.filter(({ title, from, says, tells }) => {
    if (from > width) return false;
    if (rows.length === 0) return true;
    if (tells !== undefined) return kindsOf(tally, title) > 1;
    return says === undefined || tally.has(title);
  });
}

/** Of how many accounts each column says something, and what those say that tell accounts apart. */
const saying = new RowTally((row) => {
  const words: string[] = [];
  // a plain loop: at a start it runs for every account before the first picture
  for (const { title, says, tells } of columns) {
    if (tells !== undefined) words.push(`${title}:${tells(row)}`);
    else if (says?.(row) === true) words.push(title);
  }
  return words;
});

const kindsOf = (tally: ReadonlyMap<string, number>, title: string): number =>
  Array.from(tally.keys()).filter((word) => word.startsWith(`${title}:`)).length;

/** How many cells the reason gives up for more columns. */
const WIDENED = 44;

function tokenCell(row: AccountRow, { now, glyphs }: RowContext): Span[] {
  if (row.accessExpiresAt === null || row.state === 'disabled' || row.state === 'refused')
    return [span(glyphs.dash, 'dim')];
  const left = row.accessExpiresAt - now;
  if (left <= 0) return [span(phrase('due'), 'dim')];
  return [span(countdown(left), left < 60_000 ? 'warn' : 'plain')];
}

function quotaCell({ quotaPercent }: AccountRow, { glyphs }: RowContext): Span[] {
  if (quotaPercent === null) return [span(`  ${glyphs.dash}`, 'dim')];
  const full = Math.round(quotaPercent / 20);
  const style: Style = quotaPercent < 10 ? 'warn' : quotaPercent < 40 ? 'plain' : 'dim';
  const bar = glyphs.full.repeat(full) + glyphs.empty.repeat(5 - full);
  return [span(`  ${bar}`, style), span(`${Math.round(quotaPercent)}%`.padStart(5), style)];
}

/** Width of the marker, the mark and the state glyph before the columns. */
export const LEAD = 5;

/**
 * How the pane's inside of `width` cells is divided: e-mails stay whole as long as there is space for a few words of
 * reason.
 */
export function columnWidths(
  width: number,
  longestEmail: number,
  shown: readonly Column[],
): Pick<RowContext, 'emailWidth' | 'whyWidth'> {
  const none = { now: 0, glyphs: {} as Glyphs, emailWidth: 0, whyWidth: 0, shown };
  const margin = width < 100 ? 0 : 1;
  const rest = width - LEAD - shown.reduce((sum, column) => sum + column.width(none), 0) - margin;
  const leastWhy = width < 70 ? 12 : width < 100 ? 19 : 30;
  const emailWidth = Math.max(12, Math.min(Math.max(longestEmail, 16), rest - leastWhy));
  return { emailWidth, whyWidth: Math.max(0, rest - emailWidth) };
}
