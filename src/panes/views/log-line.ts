/** One log record as one line: access records by their figures, all else by its message. */
import type { AccessRecord, LogRecord } from '../../proxy/contract/supervisor.js';
import { span, widthOf, type Span } from '../text/lines.js';
import type { MatchSpan } from '../text/linear-regexp.js';
import type { Pattern } from '../text/pattern.js';
import { took } from '../../proxy/contract/durations.js';
import { grouped, sanitise, shortEmail, wrap } from '../text/text.js';
import type { Style } from '../text/theme.js';

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

/** The line without time and level: what a filter looks at. */
export function recordText({ msg, access, source }: LogRecord): string {
  const text = sanitise(access === null ? msg : accessText(access));
  return source === '' ? text : `[${sanitise(source)}] ${text}`;
}

function accessText(access: AccessRecord): string {
  const { status, model, method, path, stream, account, ms, ttfbMs, tokens, tries, left } = access;
  const { waitedMs = 0, streamError = null, count = 1 } = access;
  const parts = [
    status === 0 ? 'left' : String(status),
    model ?? `${method} ${path}`,
    stream ? 'stream' : '',
    account === null ? 'no account' : shortEmail(account),
    took(ms),
    ttfbMs === null || !stream ? '' : `ttfb ${took(ttfbMs)}`,
    tokens === null ? '' : `${grouped(tokens)} tok`,
    waitedMs > 0 ? `waited ${took(waitedMs)}` : '',
    streamError === null ? '' : `error ${streamError} in the stream`,
    count > 1 ? `${count} times` : '',
    tries > 1 || left.length > 0 ? `try ${tries}` : '',
    left.length === 0 ? '' : `(${left.join(', ')})`,
  ];
  return parts.filter((text) => text !== '').join(' ');
}

const statusStyle = (status: number): Style =>
  status >= 500 || status === 0 ? 'error' : status >= 400 ? 'warn' : 'good';

/** The record's cells; `roomy` lines say the level of every record, others only where it is a warning or worse. */
export function recordSpans(
  record: LogRecord,
  room: 'roomy' | 'narrow',
  pattern: Pattern | null,
  stamp: string,
): Span[] {
  const { tag, style } = levelOf(record.level);
  const lead = [span(` ${stamp} `, 'dim')];
  if (room === 'roomy' || record.level >= 40) lead.push(span(`${tag} `, style));
  const text = recordText(record);
  const body =
    record.access === null
      ? [span(text, record.level >= 50 ? 'bold' : record.level < 30 ? 'dim' : 'plain')]
      : [span(text.slice(0, 3), statusStyle(record.access.status)), span(text.slice(3))];
  return [...lead, ...highlighted(body, pattern?.places(text) ?? [])];
}

/** The same spans with the cells at these places, which do not overlap, shown as matches. */
export function highlighted(spans: readonly Span[], places: readonly MatchSpan[]): readonly Span[] {
  if (places.length === 0) return spans;
  const out: Span[] = [];
  let at = 0;
  for (const { text, style } of spans) {
    const cell = (index: number): number => Math.max(0, Math.min(text.length, index - at));
    let done = 0;
    for (const { start, end } of places) {
      out.push(
        span(text.slice(done, cell(start)), style),
        span(text.slice(Math.max(done, cell(start)), cell(end)), 'match'),
      );
      done = Math.max(done, cell(end));
    }
    out.push(span(text.slice(done), style));
    at += text.length;
  }
  return out.filter(({ text }) => text !== '');
}

/** The same spans, time and level in place, with the first `cells` of the text behind them out of sight. */
export function shiftedSpans(spans: readonly Span[], cells: number): readonly Span[] {
  if (cells === 0) return spans;
  let left = cells;
  return spans.map((part, index) => {
    if (index === 0) return part;
    const cut = Math.min(left, part.text.length);
    left -= cut;
    return { ...part, text: part.text.slice(cut) };
  });
}

/** The same spans without their first cell, where a mark stands instead. */
export const withoutLead = (spans: readonly Span[]): Span[] =>
  spans.map((part, index) => (index === 0 ? { ...part, text: part.text.slice(1) } : part));

/** Continuation lines stand under the text, not under the time. */
const INDENT = '          ';

/** A record's spans as rows of at most `width` cells. */
export function wrapSpans(spans: readonly Span[], width: number): Span[][] {
  const lead = spans.slice(0, -1);
  const last = spans.at(-1) ?? span('');
  const used = widthOf(lead);
  const room = Math.max(10, width - used);
  const [first = '', ...rest] = wrap(last.text, room);
  const more = rest.length === 0 ? [] : wrap(rest.join(' '), Math.max(10, width - INDENT.length));
  return [[...lead, span(first, last.style)], ...more.map((text) => [span(INDENT), span(text, last.style)])];
}
