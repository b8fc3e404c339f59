/** One log record as lines: requests by their figures in columns, any other by its message. */
import type { AccessRecord, LogRecord } from '../../../proxy/contract/supervisor.js';
import { cutTo, highlighted, sliceSpans, span, widthOf, wrapSpans, type Line, type Span } from '../../text/lines.js';
import type { Pattern } from '../../text/pattern.js';
import { took } from '../../../proxy/contract/durations.js';
import { ago, sanitise, when } from '../../text/text.js';
import { grouped } from '../../../store/words/counted.js';
import type { Glyphs, Style } from '../../text/theme.js';
import { accessSpans, ROOMY, workOf, type LogRoom } from './columns.js';

const levels: readonly { readonly from: number; readonly tag: string; readonly style: Style }[] = [
  { from: 60, tag: 'FTL', style: 'error' },
  { from: 50, tag: 'ERR', style: 'error' },
  { from: 40, tag: 'WRN', style: 'warn' },
  { from: 30, tag: 'INF', style: 'dim' },
  { from: 20, tag: 'DBG', style: 'dim' },
  { from: 0, tag: 'TRC', style: 'dim' },
];
const levelOf = (level: number): (typeof levels)[number] =>
  levels.find(({ from }) => level >= from) ?? { from: 0, tag: '???', style: 'dim' };

/** The text of a line without time and level, as filters see it and as it is copied. */
export function recordText({ msg, access, source }: LogRecord): string {
  const text = sanitise(access === null ? msg : accessText(access));
  return source === '' ? text : `[${sanitise(source)}] ${text}`;
}

function accessText(access: AccessRecord): string {
  const { status, model, method, path, stream, account, ms, ttfbMs, tokens, tries, left, key } = access;
  const { waitedMs = 0, streamError = null, count: alike = 1, asked = null } = access;
  const parts = [
    status === 0 ? 'left' : String(status),
    model ?? '',
    workOf(access),
    account ?? 'no account',
    took(ms),
    stream ? 'stream' : '',
    ttfbMs === null || !stream ? '' : `first byte ${took(ttfbMs)}`,
    tokens === null ? '' : `${grouped(tokens)} tok`,
    alike > 1 ? `${grouped(alike)} times` : '',
    waitedMs > 0 ? `waited ${took(waitedMs)}` : '',
    streamError === null ? '' : `error ${streamError} in the stream`,
    asked === null ? '' : `asked for ${asked}`,
    tries > 1 || left.length > 0 ? `try ${tries}` : '',
    left.length === 0 ? '' : `(${left.join(', ')})`,
    key === undefined || key === null ? '' : `key ${key}`,
    `${method} ${path}`,
  ];
  return parts.filter((text) => text !== '').join(' ');
}

/** How a record is shown. */
export interface RecordLook {
  readonly room: LogRoom;
  readonly glyphs: Glyphs;
  readonly now: number;
  /** The filter, or the search: every match is highlighted. */
  readonly pattern: Pattern | null;
  /** Times as how long ago. */
  readonly isRelative: boolean;
  /** Whether long lines are broken; else they are cut. */
  readonly isWrapped: boolean;
  /** How many cells of the text after time and level are out of sight to the left. */
  readonly shifted: number;
  readonly isMarked: boolean;
  readonly isSelected: boolean;
}

function stampOf(time: number, { room, now, isRelative }: RecordLook): string {
  const said = time === 0 ? '' : isRelative ? ago(now - time) : when(time, now);
  return isRelative ? said.padStart(room.stamp) : said.padEnd(room.stamp);
}

/** The lines of a record; one line where long lines are cut. */
export function recordLines(record: LogRecord, look: RecordLook): Line[] {
  const { room, glyphs, pattern, isWrapped, isMarked, isSelected } = look;
  const lead = [span(isMarked ? glyphs.marked : ' ', 'accent'), span(`${stampOf(record.time, look)} `, 'dim')];
  const { tag, style } = levelOf(record.level);
  if (room.width >= ROOMY || (record.access === null && record.level >= 40)) lead.push(span(`${tag} `, style));
  const body = highlighted(bodySpans(record, look), pattern);
  const ground: { ground?: Style } = isSelected ? { ground: 'selected' } : {};
  if (!isWrapped) {
    const seen = look.shifted === 0 ? body : sliceSpans(body, look.shifted, Infinity);
    return [{ spans: cutTo([...lead, ...seen], room.width, glyphs.cut), ...ground }];
  }
  const indent = span(' '.repeat(widthOf(lead)));
  const rows = wrapSpans(body, Math.max(LEAST_WRAPPED, room.width - indent.text.length));
  return rows.map((row, at) => ({ spans: [...(at === 0 ? lead : [indent]), ...row], ...ground }));
}

/** In fewer cells than this a text cannot be read. */
const LEAST_WRAPPED = 10;

function bodySpans(record: LogRecord, { room, glyphs }: RecordLook): readonly Span[] {
  if (record.access !== null && record.source === '') return accessSpans(record.access, room, glyphs);
  return [span(recordText(record), record.level >= 50 ? 'bold' : record.level < 30 ? 'dim' : 'plain')];
}
