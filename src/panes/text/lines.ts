/** Styled text by the line: what views are made of. Only this file turns it into bytes. */
import { FILLER, isAmbiguous } from './cells.js';
import type { Pattern } from './pattern.js';
import { breaks, fit, wrap } from './text.js';
import type { Box, Style, Theme } from './theme.js';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** One row of a pane. `ground` is the style under all of it, to the edge. */
export interface Line {
  readonly spans: readonly Span[];
  readonly ground?: Style;
}

export const span = (text: string, style: Style = 'plain'): Span => ({ text, style });
export const line = (...spans: readonly Span[]): Line => ({ spans });
/** In fewer cells than this, text is no easier to read than text that is cut. */
const LEAST_HANGING = 16;

export const blank: Line = { spans: [] };

/** Cells that these spans take. */
export function widthOf(spans: readonly Span[]): number {
  let sum = 0;
  for (const { text } of spans) sum += text.length;
  return sum;
}

/** The first `width` cells of these spans: the same spans where all fit, as they nearly always do. */
export function cutTo(spans: readonly Span[], width: number, mark: string): readonly Span[] {
  if (widthOf(spans) <= width) return spans;
  const out: Span[] = [];
  let left = width;
  for (const { text, style } of spans) {
    if (text.length >= left) {
      out.push({ text: text.length === left ? fit(`${text} `, left, mark) : fit(text, left, mark), style });
      return out;
    }
    out.push({ text, style });
    left -= text.length;
  }
  return out;
}

/** The text of these spans. */
export const spansText = (spans: readonly Span[]): string => spans.map(({ text }) => text).join('');

/** The cells of these spans from `from` up to, but without, `to`. */
export function sliceSpans(spans: readonly Span[], from: number, to: number): Span[] {
  const out: Span[] = [];
  let at = 0;
  for (const { text, style } of spans) {
    const part = text.slice(Math.max(0, from - at), Math.max(0, to - at));
    if (part !== '') out.push({ text: part, style });
    at += text.length;
    if (at >= to) break;
  }
  return out;
}

/** The same spans with every match highlighted; a wide letter is highlighted as a whole. */
export function highlighted(spans: readonly Span[], pattern: Pattern | null): readonly Span[] {
  if (pattern === null) return spans;
  const text = spansText(spans);
  const places = pattern.places(text);
  if (places.length === 0) return spans;
  const out: Span[] = [];
  let done = 0;
  for (const place of places) {
    const start = Math.max(done, text[place.start] === FILLER ? place.start - 1 : place.start);
    const end = text[place.end] === FILLER ? place.end + 1 : place.end;
    out.push(...sliceSpans(spans, done, start), span(text.slice(start, end), 'match'));
    done = end;
  }
  return [...out, ...sliceSpans(spans, done, Infinity)].filter((part) => part.text !== '');
}

/** These spans in lines of at most `width` cells, broken where their text would be: no letter is lost. */
export function wrapSpans(spans: readonly Span[], width: number): Span[][] {
  return breaks(spansText(spans), width).map(([from, to]) => sliceSpans(spans, from, to));
}

/**
 * A text after `lead` in lines of at most `width` cells; further lines begin under the text, after blanks of the style
 * `under`.
 */
export function hanging(
  lead: readonly Span[],
  text: string,
  style: Style,
  width: number,
  under: Style = 'plain',
): Line[] {
  const at = widthOf(lead);
  return wrap(text, Math.max(LEAST_HANGING, width - at)).map((part, row) =>
    line(...(row === 0 ? lead : [span(' '.repeat(at), under)]), span(part, style)),
  );
}

/** Left spans, right spans, and blanks between; where both do not fit, the right ones stay whole. */
export function spread(left: readonly Span[], right: readonly Span[], width: number, mark: string): readonly Span[] {
  const room = width - widthOf(right);
  if (room <= 0) return cutTo(right, width, mark);
  const start = cutTo(left, room, mark);
  return [...start, span(' '.repeat(room - widthOf(start))), ...right];
}

const inAscii: ReadonlyMap<string, string> = new Map(
  Object.entries({ '·': '-', '…': '~', '–': '-', '→': '>', '←': '<', '•': '*' }),
);

/** The text as a terminal that cannot draw all letters shows it, cell by cell. */
const reduced = (text: string, letters: Theme['letters']): string =>
  text.replace(/[^ -~]/g, (unit) => inAscii.get(unit) ?? (letters === 'narrow' && !isAmbiguous(unit) ? unit : '?'));

/** The line as exactly `width` cells with its SGR sequences; the text has to be sanitised already. */
export function paint({ spans, ground = 'plain' }: Line, width: number, theme: Theme): string {
  const under = theme.sgr[ground];
  let out = under;
  let used = 0;
  for (const { text: wanted, style } of cutTo(spans, width, theme.glyphs.cut)) {
    const text = theme.letters === 'all' ? wanted : reduced(wanted, theme.letters);
    used += text.length;
    const on = theme.sgr[style];
    out += on === '' || text === '' ? text : `${on}${text}\x1b[0m${under}`;
  }
  return `${out}${' '.repeat(Math.max(0, width - used))}${under === '' ? '' : '\x1b[0m'}`;
}

/** A pane's border with the texts in it. */
export interface Frame {
  readonly title: readonly Span[];
  /** At the right end of the top border. */
  readonly note: readonly Span[];
  readonly border: Style;
  readonly focused: boolean;
}

/** `body` inside a border of `width` x `height` cells, painted; the focused pane's is double. */
export function framed(frame: Frame, body: readonly Line[], width: number, height: number, theme: Theme): string[] {
  const box = frame.focused ? theme.glyphs.double : theme.glyphs.single;
  const edge = (text: string): string => paint(line(span(text, frame.border)), text.length, theme);
  const inner = Math.max(0, width - 2);
  const side = edge(box.down);
  const rows = [paint(line(...topBorder(frame, width, box, theme)), width, theme)];
  for (let row = 0; row < height - 2; row++) {
    rows.push(side + paint(body[row] ?? blank, inner, theme) + side);
  }
  if (height > 1) rows.push(edge(box.bottomLeft + box.across.repeat(inner) + box.bottomRight));
  return rows;
}

function topBorder({ title, note, border }: Frame, width: number, box: Box, theme: Theme): Span[] {
  const rule = (length: number): Span => span(box.across.repeat(Math.max(0, length)), border);
  const inner = width - 2;
  const start = cutTo([span(' '), ...title, span(' ')], inner - 2, theme.glyphs.cut);
  const end = note.length === 0 ? [] : [span(' '), ...note, span(' '), rule(1)];
  const shown = widthOf(start) + widthOf(end) + 2 <= inner ? end : [];
  const between = inner - 1 - widthOf(start) - widthOf(shown);
  return [span(box.topLeft, border), rule(1), ...start, rule(between), ...shown, span(box.topRight, border)];
}
