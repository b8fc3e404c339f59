/** The columns of the log: what each shows of a request, and how wide it is; a narrow pane has fewer. */
import type { AccessRecord, LogRecord } from '../../../proxy/contract/supervisor.js';
import { line, span, type Line, type Span } from '../../text/lines.js';
import { took, wait } from '../../../proxy/contract/durations.js';
import { count, fit, pad, sanitise } from '../../text/text.js';
import { grouped } from '../../../store/words/counted.js';
import type { Glyphs, Style } from '../../text/theme.js';
import type { PlainWord } from '../../../store/words/tongue.js';
import { phrase } from '../../text/phrase.js';
import { told } from '../../../store/words/told.js';

/** From this width on a line shows the level of every record. */
export const ROOMY = 96;
/** From this width on there is space for whole names of models, and for keys. */
const WIDE = 110;

/** How the columns of a pane are divided. */
export interface LogRoom {
  /** Cells inside the pane's border. */
  readonly width: number;
  /** Width of the time, which is greater where a line is of another day. */
  readonly stamp: number;
  readonly longestEmail: number;
  /** Whether clients show different keys, so that the column is of use. */
  readonly hasKeys: boolean;
}

interface LogColumn {
  readonly title: PlainWord;
  /** Width, without the blank before it. */
  readonly width: (room: LogRoom) => number;
  readonly align: 'left' | 'right';
  readonly isShown: (room: LogRoom) => boolean;
  readonly cell: (access: AccessRecord, width: number, glyphs: Glyphs) => Span;
}

const statusStyle = (status: number): Style =>
  status >= 500 || status === 0 ? 'error' : status >= 400 ? 'warn' : 'good';

const always = (): boolean => true;
const from =
  (width: number) =>
  (room: LogRoom): boolean =>
    room.width >= width;

const columns: readonly LogColumn[] = [
  {
    title: 'ST',
    width: () => 4,
    align: 'left',
    isShown: always,
    cell: ({ status }) => span(status === 0 ? phrase('left') : String(status), statusStyle(status)),
  },
  {
    title: 'MS',
    width: ({ width }) => (width >= ROOMY ? 6 : 4),
    align: 'right',
    isShown: always,
    cell: ({ ms }, width) => span(msIn(ms, width)),
  },
  {
    title: 'TOK',
    width: ({ width }) => (width >= ROOMY ? 6 : 4),
    align: 'right',
    isShown: from(68),
    cell: ({ tokens }, width, { dash }) => (tokens === null ? span(dash, 'dim') : span(count(tokens, width))),
  },
  {
    title: 'TRY',
    width: () => Math.max(3, phrase('TRY').length),
    align: 'right',
    isShown: from(68),
    cell: ({ tries }, width, { dash }) =>
      tries === 0 ? span(dash, 'dim') : span(count(tries, width), tries > 1 ? 'warn' : 'dim'),
  },
  {
    title: 'MODEL',
    width: ({ width }) => (width >= 160 ? 26 : width >= WIDE ? 21 : width >= 68 ? 15 : 12),
    align: 'left',
    isShown: always,
    cell: (access, width, { cut }) => span(askedIn(access, width, cut)),
  },
  {
    title: 'ACCOUNT',
    width: accountWidth,
    align: 'left',
    isShown: always,
    cell: ({ account }, width, { cut }) =>
      account === null ? span(phrase('no account'), 'dim') : span(fit(sanitise(account), width, cut)),
  },
  {
    title: 'KEY',
    width: ({ width }) => (width >= 160 ? 16 : 8),
    align: 'left',
    isShown: ({ width, hasKeys }) => hasKeys && width >= WIDE,
    cell: ({ key }, width, { cut, dash }) => span(fit(sanitise(key ?? dash), width, cut), 'dim'),
  },
];

/** Cells that are kept free for what else is said of a request. */
const LEAST_REST = 10;

function accountWidth(room: LogRoom): number {
  const most = room.width >= 160 ? 40 : room.width >= WIDE ? 30 : 24;
  const others = columns.filter((column) => column.title !== 'ACCOUNT' && column.isShown(room));
  const used = others.reduce((sum, column) => sum + 1 + column.width(room), leadWidth(room) + LEAST_REST);
  return Math.max(12, Math.min(room.longestEmail, most, room.width - used));
}

/** Width of time and level. */
const leadWidth = ({ width, stamp }: LogRoom): number => 1 + stamp + (width >= ROOMY ? 4 : 0);

/** `1,812` where there is space for it, else `1.8s`. */
function msIn(ms: number, width: number): string {
  const whole = grouped(Math.round(ms));
  if (width > 4 && whole.length <= width) return whole;
  const seconds = ms / 1000;
  const forms = [
    seconds < 100 ? `${seconds.toFixed(1)}s` : '',
    `${Math.round(seconds)}s`,
    `${Math.round(seconds / 60)}m`,
  ];
  return forms.find((form) => form !== '' && form.length <= width) ?? '>'.repeat(width);
}

/** The model; where there is none, what was asked for. */
function askedIn(access: AccessRecord, width: number, cut: string): string {
  const { model, method } = access;
  const whole = sanitise(model ?? `${method} ${pathOf(access)}`);
  return fit(whole.length <= width ? whole : whole.replace(/^gemini-/, ''), width, cut);
}

/** The path without the beginning that all paths have, and without the query. */
const pathOf = ({ path }: AccessRecord): string => path.replace(/\?.*/s, '').replace(/^\/(upload\/)?v\d\w*\//, '$1');

/** The kind of work, where it is not an answer of a model: `countTokens`, `upload`. */
export function workOf({ path, group }: AccessRecord): string {
  const [, verb] = /:(\w+)(?:\?|$)/.exec(path) ?? [];
  if (/^\/+upload\//.test(path)) return 'upload';
  if (verb !== undefined) return /^(?:stream)?generateContent$/i.test(verb) ? '' : verb;
  return group === 'count' ? 'countTokens' : group === 'embed' ? 'embed' : '';
}

/** What is said of a request after its columns. */
function restOf(access: AccessRecord): Span[] {
  const { left, streamError = null, waitedMs = 0, stream, ttfbMs, asked = null, count: alike = 1 } = access;
  const parts: readonly Span[] = [
    span(workOf(access), 'accent'),
    span(alike > 1 ? phrase('{n} times', { n: grouped(alike) }) : '', 'warn'),
    span(streamError === null ? '' : phrase('error {error} in the stream', { error: streamError }), 'error'),
    span(left.map(sanitise).join(', '), 'warn'),
    span(asked === null ? '' : phrase('asked for {model}', { model: sanitise(asked) }), 'dim'),
    span(
      waitedMs < 1
        ? ''
        : phrase('waited {time}', { time: sanitise(told(waitedMs < 1000 ? took(waitedMs) : wait(waitedMs))) }),
      'dim',
    ),
    span(
      stream
        ? `${phrase('stream')}${ttfbMs === null ? '' : `, ${phrase('first byte {time}', { time: sanitise(told(took(ttfbMs))) })}`}`
        : '',
      'dim',
    ),
  ];
  return parts.filter(({ text }) => text !== '').flatMap((part) => [span('  '), part]);
}

/** The name of the key that is the only one at first, so that it does not tell clients apart. */
const COMMON_KEY = 'default';

/** Whether the client showed a key of its own. */
export const tellsClients = (record: LogRecord | undefined): boolean =>
  (record?.access?.key ?? COMMON_KEY) !== COMMON_KEY;

/** A request's cells after time and level. */
export function accessSpans(access: AccessRecord, room: LogRoom, glyphs: Glyphs): Span[] {
  const spans: Span[] = [];
  for (const { width, align, isShown, cell } of columns) {
    if (!isShown(room)) continue;
    const wide = width(room);
    const { text, style } = cell(access, wide, glyphs);
    const blanks = ' '.repeat(Math.max(0, wide - text.length));
    if (spans.length > 0) spans.push(span(' '));
    spans.push(...(align === 'right' ? [span(blanks), span(text, style)] : [span(text, style), span(blanks)]));
  }
  return [...spans, ...restOf(access)];
}

/** The titles of the columns, above the lines. */
export function logHeadings(room: LogRoom): Line {
  const level = room.width >= ROOMY ? `${phrase('LVL')} ` : '';
  const titles = columns
    .filter(({ isShown }) => isShown(room))
    .map(({ title, width, align }) => pad(phrase(title), width(room), align))
    .join(' ');
  return line(span(` ${pad(phrase('TIME'), room.stamp)} ${level}${titles}`, 'dim'));
}
