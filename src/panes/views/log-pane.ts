/** The log pane: the window with what was chosen of the log in its border. */
import type { Feed, LogRecord } from '../../proxy/contract/supervisor.js';
import { framed, line, span, type Line } from '../text/lines.js';
import { ROOMY, type LogView } from './log.js';
import { grouped, sanitise } from '../text/text.js';
import type { Theme } from '../text/theme.js';

export interface LogModel {
  readonly view: LogView;
  readonly feed: Feed<LogRecord>;
  readonly now: number;
  readonly focused: boolean;
}

/** The pane as `height` painted rows. */
export function logPane({ view, feed, now, focused }: LogModel, width: number, height: number, theme: Theme): string[] {
  const shown = view.window(feed, width - 2, height - 2, now);
  const mode = view.following
    ? span('FOLLOW', 'good')
    : span(shown.fresh > 0 ? `PAUSED +${grouped(shown.fresh)} new` : 'PAUSED', shown.fresh > 0 ? 'warn' : 'accent');
  const title = [span('2 Log', focused ? 'key' : 'bold'), span('  '), mode];
  if (view.filtering) {
    title.push(span('  '), span(`/${sanitise(view.pattern?.source ?? '')}`, 'match'));
    title.push(span(` ${grouped(shown.position)} of ${grouped(shown.count)}`, 'dim'));
  }
  if (view.busy) title.push(span('  seeking', 'warn'));
  if (view.found !== null) {
    const sought = view.pattern === null ? 'mark' : `/${sanitise(view.pattern.source)}`;
    if (!view.filtering) title.push(span('  '), span(sought, 'match'));
    title.push(
      span(`${view.filtering ? ' · match' : ''} ${grouped(view.found.at)} of ${grouped(view.found.of)}`, 'dim'),
    );
  }
  const whose = view.account === null ? (width >= ROOMY ? ' · all accounts' : '') : ` · ${sanitise(view.account)}`;
  const failed = view.failedOnly ? ' · failed only' : '';
  const cut = view.shifted > 0 ? `from cell ${view.shifted} · ` : '';
  const note = [span(`${cut}${view.level}${failed}${whose}`, 'dim')];
  const body = shown.lines.length === 0 ? emptyLines(view, shown.held) : shown.lines;
  return framed({ title, note, border: focused ? 'accent' : 'dim', focused }, body, width, height, theme);
}

function emptyLines(view: LogView, held: number): Line[] {
  if (held === 0)
    return [line(span(' Nothing logged yet. Each request leaves a line here, each refresh (1 t) too.', 'dim'))];
  const by = [
    view.filtering ? `/${sanitise(view.pattern?.source ?? '')} (Esc)` : '',
    view.failedOnly ? 'failed only (F)' : '',
    view.account === null ? '' : `only ${sanitise(view.account)} (c)`,
    view.level === 'debug+' ? '' : `${view.level} (l)`,
  ].filter((text) => text !== '');
  return [line(span(` ${grouped(held)} lines are held; none passes ${by.join(', ')}`, 'dim'))];
}
