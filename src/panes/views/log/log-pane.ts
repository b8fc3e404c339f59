/** The log pane: the window on the log, with the filter and the position in its border. */
import type { Feed, LogRecord } from '../../../proxy/contract/supervisor.js';
import { framed, line, span, type Line, type Span } from '../../text/lines.js';
import { logHeadings, ROOMY } from './columns.js';
import type { LogWindow } from './choice.js';
import type { LogView } from './log-view.js';
import { sanitise, when } from '../../text/text.js';
import { grouped } from '../../../store/words/counted.js';
import type { Theme } from '../../text/theme.js';
import { phrase } from '../../text/phrase.js';

export interface LogModel {
  readonly view: LogView;
  readonly feed: Feed<LogRecord>;
  readonly now: number;
  readonly longestEmail: number;
  readonly focused: boolean;
}

/** From so many rows inside its border on the pane has space for the titles of its columns. */
const TITLED = 6;

/** Rows of titles above the lines of a pane of this height. */
export const titleRows = (height: number): 0 | 1 => (height - 2 >= TITLED ? 1 : 0);

/** The pane as `height` painted rows. */
export function logPane(model: LogModel, width: number, height: number, theme: Theme): string[] {
  const { view, feed, now, focused, longestEmail } = model;
  const titled = titleRows(height);
  const place = { width: width - 2, height: height - 2 - titled, now, longestEmail, glyphs: theme.glyphs };
  const shown = view.window(feed, place);
  const body = shown.lines.length === 0 ? emptyLines(view, shown.held) : shown.lines;
  const isTitled = titled === 1 && shown.lines.length > 0;
  const frame = {
    title: [span(phrase('2 Log'), focused ? 'key' : 'bold'), span('  '), ...titleOf(view, shown, feed, now)],
    note: noteOf(view, width),
    border: focused ? ('accent' as const) : ('dim' as const),
    focused,
  };
  return framed(frame, isTitled ? [logHeadings(shown.room), ...body] : body, width, height, theme);
}

/** The mode of the pane: it follows the newest line, stands still, or shows the files. */
function modeOf(view: LogView, { fresh, hasLeft }: LogWindow, feed: Feed<LogRecord>, now: number): Span[] {
  if (view.archive !== null) {
    const from = feed.at(feed.first)?.time ?? now;
    return [
      span(phrase('PAUSED'), 'accent'),
      span(` ${phrase('in the files from {time} · f follows', { time: when(from, now) })}`, 'dim'),
    ];
  }
  if (view.following) return [span(phrase('FOLLOW'), 'good')];
  if (hasLeft) return [span(phrase('PAUSED, its line is held no more: k and j read the files'), 'warn')];
  return [
    fresh > 0 ? span(phrase('PAUSED +{n} new', { n: grouped(fresh) }), 'warn') : span(phrase('PAUSED'), 'accent'),
  ];
}

function titleOf(view: LogView, shown: LogWindow, feed: Feed<LogRecord>, now: number): Span[] {
  const title = modeOf(view, shown, feed, now);
  if (view.filtering) {
    title.push(span('  '), span(`/${sanitise(view.pattern?.source ?? '')}`, 'match'));
    const hidden = Math.max(0, shown.held - shown.count);
    const left = hidden === 0 ? '' : `, ${phrase('{n} hidden', { n: grouped(hidden) })}`;
    title.push(
      span(` ${phrase('{n} of {all}', { n: grouped(shown.position), all: grouped(shown.count) })}${left}`, 'dim'),
    );
  }
  if (view.busy) title.push(span(`  ${phrase('seeking')}`, 'warn'));
  if (view.found !== null) {
    const { at, of } = view.found;
    const sought = view.seeksMarks ? phrase('mark') : `/${sanitise(view.pattern?.source ?? '')}`;
    if (!view.filtering) title.push(span('  '), span(sought, 'match'));
    const what = view.seeksMarks ? phrase('mark') : phrase('match');
    title.push(
      span(
        `${view.filtering ? ` · ${what}` : ''} ${phrase('{n} of {all}', { n: grouped(at), all: grouped(of) })}`,
        'dim',
      ),
    );
  }
  return title;
}

function noteOf(view: LogView, width: number): Span[] {
  const whose =
    view.chosen.account === null
      ? width >= ROOMY
        ? ` · ${phrase('all accounts')}`
        : ''
      : ` · ${sanitise(view.chosen.account)}`;
  const failed = view.chosen.failedOnly ? ` · ${phrase('failed only')}` : '';
  const cut = view.shifted > 0 ? `${phrase('from cell {n}', { n: view.shifted })} · ` : '';
  return [span(`${cut}${phrase(view.chosen.level)}${failed}${whose}`, 'dim')];
}

function emptyLines(view: LogView, held: number): Line[] {
  if (held === 0)
    return [
      line(span(` ${phrase('Nothing logged yet. Each request leaves a line here, each refresh (1 t) too.')}`, 'dim')),
    ];
  const by = [
    view.filtering ? `/${sanitise(view.pattern?.source ?? '')} (Esc)` : '',
    view.chosen.failedOnly ? `${phrase('failed only')} (F)` : '',
    view.chosen.account === null ? '' : `${phrase('only {account}', { account: sanitise(view.chosen.account) })} (c)`,
    view.chosen.level === 'debug+' ? '' : `${phrase(view.chosen.level)} (l)`,
  ].filter((text) => text !== '');
  return [
    line(
      span(
        ` ${phrase('{n} lines are held; none passes {filters}', { n: grouped(held), filters: by.join(', ') })}`,
        'dim',
      ),
    ),
  ];
}
