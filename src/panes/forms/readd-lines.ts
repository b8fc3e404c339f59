/** The re-add form as lines inside the accounts pane. */
import { readdSteps, type ReaddStep } from '../../proxy/contract/operations.js';
import { cutTo, hanging, line, span, spread, widthOf, type Line, type Span } from '../text/lines.js';
import type { TokenBatch, TokenOutcome } from './batch.js';
import type { ReaddForm } from './readd-form.js';
import type { ReaddPhase } from './readd-phase.js';
import { statusStyles, stepGlyph, stepNames } from './steps.js';
import { fit, pad, sanitise, wrap } from '../text/text.js';
import type { Glyphs, Style, Theme } from '../text/theme.js';
import type { PlainWord } from '../../store/words/tongue.js';
import { phrase } from '../text/phrase.js';
import { told } from '../../store/words/told.js';

/** What the keys do in each phase. */
export const footers = {
  editing: 'Enter check and save · Ctrl-U clear · Esc close',
  checking: 'asking Google · Esc closes the form, the check goes on',
  other_account: 'y save it for that account · n keep editing · Esc close',
  identity_unknown: 'Enter ask again · n keep editing · Esc close',
  saved: 'Enter or Esc close',
} as const satisfies Record<ReaddPhase, PlainWord>;

/** The title, by which people and tests recognise this form. */
const formTitle = (email: string | null): string =>
  email === null
    ? phrase('add an account: paste its refresh token, or several, one a line')
    : phrase('new refresh token for {email}', { email: sanitise(email) });

/** The form's lines, each `width` cells, at most `height` of them. */
export function formLines(form: ReaddForm, width: number, height: number, theme: Theme): Line[] {
  const indent = width >= 100 ? 7 : width >= 70 ? 3 : 1;
  const outer = width - indent - (width >= 100 ? 4 : 1);
  const inner = outer - 4;
  const { single } = theme.glyphs;
  const left = span(' '.repeat(indent));
  const edge = (spans: readonly Span[]): Line =>
    line(
      left,
      span(`${single.down} `, 'accent'),
      ...spread(spans, [], inner, theme.glyphs.cut),
      span(` ${single.down}`, 'accent'),
    );
  const rule = (from: string, text: readonly Span[], to: string): Line => {
    const shown = cutTo([span(' '), ...text, span(' ')], outer - 3, theme.glyphs.cut);
    const rest = single.across.repeat(Math.max(0, outer - 2 - widthOf(shown)));
    return line(left, span(from, 'accent'), ...shown, span(`${rest}${to}`, 'accent'));
  };
  const editing = form.phase === 'editing' && width >= 100 ? ` ${phrase('(nothing is written before step 4)')}` : '';
  const body = bodyLines(form, inner, Math.max(1, height - 2), theme);
  return [
    rule(single.topLeft, [span(formTitle(form.email), 'bold')], single.topRight),
    ...body.map(edge),
    rule(single.bottomLeft, [span(`${phrase(footers[form.phase])}${editing}`, 'dim')], single.bottomRight),
  ];
}

function bodyLines(form: ReaddForm, width: number, height: number, theme: Theme): (readonly Span[])[] {
  const note = noteLines(form, width);
  if (form.batch !== null) return batchLines(form.batch, note, height, theme);
  const token = [tokenLine(form, width)];
  const client = [clientLine(form, width, theme)];
  const steps = stepLines(form, width, theme);
  const all = [...token, ...client, ...steps, ...note];
  if (all.length <= height) return all;
  // What is needed to act comes first: the token, the note about it, then the steps, in one line.
  const short = [...token, ...note.slice(0, Math.max(0, height - 2)), shortSteps(form, theme)];
  return short.length + 1 <= height ? [...token, ...client, ...short.slice(1)] : short.slice(0, height);
}

const outcomes: Record<TokenOutcome, { readonly glyph: (glyphs: Glyphs) => string; readonly style: Style }> = {
  waiting: { glyph: () => ' ', style: 'dim' },
  checking: { glyph: ({ cut }) => cut, style: 'accent' },
  saved: { glyph: ({ done }) => done, style: 'good' },
  warning: { glyph: ({ warning }) => warning, style: 'warn' },
  refused: { glyph: () => '!', style: 'warn' },
};

/** One line for each token with its outcome; where not all fit, those around the token that is being checked. */
function batchLines({ entries }: TokenBatch, note: Span[][], height: number, { glyphs }: Theme): Span[][] {
  const room = Math.max(1, height - note.length);
  const at = entries.findLastIndex(({ outcome }) => outcome !== 'waiting');
  const from = Math.max(0, Math.min(at - room + 2, entries.length - room));
  const lines = entries.slice(from, from + room).map(({ name, outcome, text }, index) => {
    const { glyph, style } = outcomes[outcome];
    const what = `${String(from + index + 1).padStart(3)}  ${phrase('{n} chars', { n: name.length })} · sha256 ${name.sha256} `;
    return [span(what), span(`${glyph(glyphs)} ${sanitise(told(text))}`, style)];
  });
  return [...lines, ...note];
}

/** The labels of the two lines, so wide that their values stand below each other. */
function labelled(word: 'token' | 'client'): string {
  const widest = Math.max(7, phrase('token').length, phrase('client').length);
  return `${pad(phrase(word), widest)} `;
}

function tokenLine(form: ReaddForm, width: number): Span[] {
  const { token, field, known } = form;
  const label = span(labelled('token'), 'dim');
  const cursor = span(' ', 'cursor');
  if (token === null)
    return [
      label,
      cursor,
      span(
        width >= 66
          ? ` ${phrase('paste it here; it is never shown · none?')} `
          : ` ${phrase('paste it here · none?')} `,
        'dim',
      ),
      span('Ctrl-O', 'key'),
      span(` ${phrase('logs in')}`, 'dim'),
    ];
  const isEmpty = field.text === '';
  const spans = [label, span('••••••••'), ...(form.phase === 'editing' && !isEmpty ? [cursor] : [span(' ')])];
  spans.push(span(`${phrase('{n} chars', { n: token.length })} · sha256 ${token.sha256}`, isEmpty ? 'dim' : 'plain'));
  if (field.cursor < field.text.length) spans.push(span(` · ${phrase('cursor at {n}', { n: field.cursor })}`, 'dim'));
  if (form.phase === 'saved' || known.refreshToken === null) return spans;
  const same = known.refreshToken.sha256 === token.sha256;
  spans.push(
    same ? span(` · ${phrase('the same as stored')}`, 'warn') : span(` · ${phrase('not the stored one')}`, 'dim'),
  );
  return spans;
}

function clientLine({ clients, chosenClient, known }: ReaddForm, width: number, { glyphs }: Theme): readonly Span[] {
  const first = chosenClient ?? clients.find(({ name }) => name === known.clientName) ?? clients[0];
  if (first === undefined)
    return [
      span(labelled('client'), 'dim'),
      span(`${phrase('none yet:')} `, 'warn'),
      span('Ctrl-O', 'key'),
      span(` ${phrase('sets it up')}`, 'warn'),
    ];
  const id = first.id === '' ? phrase('no client id set') : shortClientId(sanitise(first.id));
  const left = [span(labelled('client'), 'dim'), span(sanitise(first.name)), span(` (${id})`, 'dim')];
  const issuer = chosenClient === null ? phrase('the issuer is tried first') : phrase('only this one is tried');
  if (clients.length === 1) return left;
  const tab = [span('Tab', 'key'), span(` ${phrase('chooses of {n}', { n: clients.length })}`, 'dim')];
  const forms = [
    [left, [...tab, span(`; ${issuer}`, 'dim')]],
    [left, tab],
  ] as const;
  const [shown, right] = forms.find((form) => form.map(widthOf).reduce((a, b) => a + b) + 2 <= width) ?? [
    left.slice(0, 2),
    tab,
  ];
  return spread(shown, right, width, glyphs.cut);
}

const shortClientId = (id: string): string => (id.length <= 40 ? id : `${id.slice(0, 6)}…${id.slice(-27)}`);

function stepSpans(form: ReaddForm, step: ReaddStep, theme: Theme): Span[] {
  const news = form.steps.get(step);
  const spans = [
    span(`${readdSteps.indexOf(step) + 1} ${phrase(stepNames[step])} `, news === undefined ? 'dim' : 'plain'),
    stepGlyph(news, theme),
  ];
  // The reason for the stop is told once, under the steps.
  const isSaid = news?.status === 'failed' && form.note?.text.includes(news.text) === true;
  if (news !== undefined && news.text !== '' && !isSaid)
    spans.push(span(` ${sanitise(told(news.text))}`, statusStyles[news.status]));
  return spans;
}

/** Parts of a line at equal distances, each in a column that it fits; null where they do not fit at all. */
function evenly(parts: readonly Span[][], width: number): Span[] | null {
  const column = Math.floor(width / parts.length);
  const widths = parts.map(widthOf);
  const gap = Math.floor((width - widths.reduce((sum, each) => sum + each, 0)) / (parts.length - 1));
  if (widths.every((each) => each + 2 <= column)) {
    return parts.flatMap((part, at) => [...part, span(' '.repeat(column - (widths[at] ?? 0)))]);
  }
  return gap < 2 ? null : parts.flatMap((part, at) => (at === 0 ? part : [span(' '.repeat(gap)), ...part]));
}

/** Steps side by side in columns, as many as fit; a longer one takes unused space of its neighbours. */
function stepLines(form: ReaddForm, width: number, theme: Theme): Span[][] {
  const told = readdSteps.map((step) => stepSpans(form, step, theme));
  const two = [told.slice(0, 3), told.slice(3)].map((row) => evenly(row, width));
  if (two.every((row) => row !== null)) return two;
  const perLine = width >= 66 ? 3 : width >= 44 ? 2 : 1;
  const column = Math.floor(width / perLine);
  const lines: Span[][] = [];
  let row: Span[] = [];
  let at = 0;
  for (const step of readdSteps) {
    const spans = stepSpans(form, step, theme);
    if (widthOf(spans) > width) {
      if (at > 0) lines.push(row);
      lines.push(...longStep(spans, width));
      row = [];
      at = 0;
      continue;
    }
    const needed = Math.ceil(Math.min(widthOf(spans) + 2, width) / column);
    if (at > 0 && at + needed > perLine) {
      lines.push(row);
      row = [];
      at = 0;
    }
    row.push(...spread(spans, [], needed * column, theme.glyphs.cut));
    at += needed;
  }
  return at === 0 ? lines : [...lines, row];
}

/** A step whose words need more than one line. */
function longStep(spans: readonly Span[], width: number): Span[][] {
  const { text, style } = spans.at(-1) ?? span('');
  const lines = hanging([...spans.slice(0, -1), span(' ')], text.trimStart(), style, width);
  return lines.map((each) => [...each.spans]);
}

/** All steps in one line, with the words of the latest. */
function shortSteps(form: ReaddForm, theme: Theme): Span[] {
  const spans = readdSteps.flatMap((step, index) => [
    span(`${index + 1}`, 'dim'),
    stepGlyph(form.steps.get(step), theme),
  ]);
  const latest = [...form.steps.values()].at(-1);
  if (latest !== undefined)
    spans.push(span(` ${phrase(stepNames[latest.step])} ${sanitise(told(latest.text))}`, statusStyles[latest.status]));
  return spans;
}

/** The last note, on as many lines as a person reads at a glance. */
function noteLines({ note }: ReaddForm, width: number): Span[][] {
  if (note === null) return [];
  const style: Style = note.tone === 'plain' ? 'accent' : note.tone;
  const lines = wrap(sanitise(told(note.text)), width);
  const most = width >= 66 ? 2 : 3;
  const shown = [
    ...lines.slice(0, most - 1),
    ...(lines.length < most ? [] : [fit(lines.slice(most - 1).join(' '), width)]),
  ];
  return shown.map((text) => [span(text, style)]);
}
