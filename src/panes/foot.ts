/** The foot of the screen: the keys that help here and now, and a word about where one stands. */
import { obstacle, type Action } from './action.js';
import { actions } from './actions.js';
import type { Desk } from './desk.js';
import { line, span, spread, widthOf, type Line, type Span } from './lines.js';
import { serving } from './status.js';
import { plural, sanitise } from './text.js';
import type { Theme } from './theme.js';

/** From this width on the foot names more than the keys of the pane. */
const ROOMY = 100;

/** One line of keys, and where there is room a second one with a word. */
export function footLines(desk: Desk, width: number, height: number, theme: Theme): Line[] {
  const { notice } = desk;
  const said =
    notice === null ? null : line(span(` ${sanitise(notice.text)}`, notice.tone === 'plain' ? 'accent' : notice.tone));
  const keys = keyLine(desk, width, theme);
  if (height < 2) return [said ?? keys];
  return [keys, said ?? line(span(` ${contextText(desk)}`, 'dim'))];
}

function keyLine(desk: Desk, width: number, theme: Theme): Line {
  if (desk.layer !== null) return line(span(` ${desk.layer.foot}`, 'dim'));
  if (desk.form !== null) {
    const keys = width >= ROOMY ? 'Enter check and save' : 'Enter save';
    const text = `letters are text · ${keys} · Ctrl-U clear · Esc close · Ctrl-C asks`;
    return line(span(' FORM', 'key'), span(`  ${text}`, 'dim'));
  }
  const shown = (action: Action): Span[] => [
    span(action.footKeys ?? action.shown, 'key'),
    span(` ${action.label ?? ''}  `),
  ];
  const usable = actions.filter((action) => action.label !== undefined && obstacle(action, desk) === null);
  const here = usable.filter(({ where }) => where === desk.focus);
  const everywhere = usable.filter(
    ({ where, footKeys }) => where === 'everywhere' && (footKeys === undefined || width >= ROOMY),
  );
  const fixed = everywhere.flatMap(shown);
  const left: Span[] = [span(' ')];
  for (const action of here) {
    const spans = shown(action);
    if (widthOf(left) + widthOf(spans) + widthOf(fixed) <= width) left.push(...spans);
  }
  return line(...spread(left, fixed, width, theme.glyphs.cut));
}

/** What can be said about the selected account in one line. */
function contextText({ snapshot, accounts, focus, form }: Desk): string {
  const row = accounts.selected;
  if (form !== null) return 'The proxy goes on serving while this form is open.';
  if (focus === 'log') return 'j and k stop the log; f follows it again. Enter shows the whole record.';
  if (focus === 'refreshes' || row === null)
    return `${sanitise(snapshot.dataDir)} · regrant ${sanitise(snapshot.version)}`;
  const { serve } = serving(snapshot);
  const email = sanitise(row.email === '' ? row.file : row.email);
  if (row.state === 'disabled') {
    const others =
      serve === 0
        ? 'no other account serves'
        : `${plural(serve, 'other')} ${serve === 1 ? 'carries' : 'carry'} the load`;
    return `${email}: ${others}. Shortest way back: r, paste, Enter.`;
  }
  const reason = row.reason === '' ? '' : `: ${sanitise(row.reason)}`;
  return `${email}${reason} · client ${sanitise(row.client)}${row.projectId === null ? '' : ` · project ${sanitise(row.projectId)}`}`;
}
