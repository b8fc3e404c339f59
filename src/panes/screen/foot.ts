/** The foot of the screen: the keys that can be used now, and a line about the selected row or a message. */
import { obstacle, type Action } from '../desk/action.js';
import { actions } from '../actions/actions.js';
import type { Cover, Desk } from '../desk/desk.js';
import { line, span, spansText, spread, widthOf, type Line, type Span } from '../text/lines.js';
import { serving } from '../views/status.js';
import { accountName, sanitise, wrap } from '../text/text.js';
import { grouped } from '../../store/words/counted.js';
import type { Theme } from '../text/theme.js';
import { phrase } from '../text/phrase.js';
import { told } from '../../store/words/told.js';

/** On a screen of fewer rows than this the foot is one line. */
const TALL = 30;
/** The most lines of a message. */
const MOST_SAID = 3;

/** The rows of the foot: a message is shown to its end. */
export function footHeight(desk: Desk, { width, height }: { readonly width: number; readonly height: number }): number {
  return (height >= TALL ? 2 : 1) + Math.max(0, saidLines(desk, width).length - 1);
}

/** The last `height` lines of the foot: the keys, and a line about the selected row or a message. */
export function footLines(desk: Desk, width: number, height: number, theme: Theme): Line[] {
  const said = saidLines(desk, width);
  const word = said.length > 0 || height < 2 ? said : [line(span(` ${contextText(desk)}`, 'dim'))];
  return [keyLine(desk, width, theme), ...word].slice(-height);
}

function saidLines({ word }: Desk, width: number): Line[] {
  if (word === null) return [];
  const style = word.tone === 'plain' ? 'accent' : word.tone;
  const rows = wrap(sanitise(told(word.text)), width - 2).slice(0, MOST_SAID);
  return rows.map((text) => line(span(` ${text}`, style)));
}

const JOINT = ' · ';

/** The parts of a line that fit: the last one, the way out, always stays. */
function partsIn(text: string, width: number): string {
  const parts = text.split(JOINT);
  while (parts.length > 2 && parts.join(JOINT).length > width) parts.splice(-2, 1);
  return parts.join(JOINT);
}

function keyLine(desk: Desk, width: number, theme: Theme): Line {
  const { active, host } = desk;
  if (active?.place === 'row') {
    return line(
      span(` ${phrase('FORM')}`, 'key'),
      span(`  ${partsIn(active.footFor(width, host.attached), width - 7)}`, 'dim'),
    );
  }
  if (active !== null) return line(span(` ${partsIn(layerText(active, desk), width - 1)}`, 'dim'));
  const { here, everywhere } = shownActions(desk, width);
  const left = [span(' '), ...here.flatMap((action) => keySpans(action, desk))];
  const right = everywhere.flatMap((action) => keySpans(action, desk));
  return line(...spread(left, right, width, theme.glyphs.cut));
}

/** A part of the foot: a key and what it does. */
export interface FootPart {
  /** Cell at which it begins. */
  readonly from: number;
  readonly text: string;
}

/** What the line of keys says, part by part. */
export function footParts(desk: Desk, width: number): readonly FootPart[] {
  const { active } = desk;
  if (active !== null) {
    const [start, text] =
      active.place === 'row'
        ? [7, partsIn(active.footFor(width, desk.host.attached), width - 7)]
        : [1, partsIn(layerText(active, desk), width - 1)];
    return placed(text.split(JOINT), start, JOINT.length);
  }
  const { here, everywhere } = shownActions(desk, width);
  const textsOf = (shown: readonly Action[]): string[] => shown.map((action) => spansText(keySpans(action, desk)));
  const right = textsOf(everywhere);
  return [...placed(textsOf(here), 1, 0), ...placed(right, width - right.join('').length, 0)];
}

function placed(texts: readonly string[], start: number, gap: number): FootPart[] {
  let at = start;
  return texts.map((text) => {
    const from = at;
    at += text.length + gap;
    return { from, text };
  });
}

function layerText(layer: Cover, desk: Desk): string {
  const { foot } = layer;
  const acts = layer.acts?.(desk) ?? [];
  const usable = actions.filter((action) => acts.includes(action.id) && obstacle(action, desk) === null);
  return [
    ...usable.map(
      (action) =>
        `${action.shown} ${labelOf(action, desk) || (action.inSheets === undefined ? '' : phrase(action.inSheets))}`,
    ),
    foot,
  ].join(' · ');
}

function labelOf({ label }: Action, desk: Desk): string {
  const word = typeof label === 'function' ? label(desk) : label;
  return word === undefined || word === '' ? '' : phrase(word);
}

function keySpans(action: Action, desk: Desk): Span[] {
  return [span(action.footKeys ?? action.shown, 'key'), span(` ${labelOf(action, desk)}  `)];
}

/**
 * The actions of the foot, in the order of their table: where not all fit, those of the pane and the way out stay
 * before the spare ones.
 */
function shownActions(desk: Desk, width: number): Record<'here' | 'everywhere', readonly Action[]> {
  const usable = actions.filter(
    (action) =>
      labelOf(action, desk) !== '' &&
      (action.where === desk.focus || action.where === 'everywhere') &&
      obstacle(action, desk) === null,
  );
  // the panes' numbers are in their titles too
  const rank = ({ where, isSpare, footKeys }: Action): number =>
    isSpare === true ? (footKeys === undefined ? 2 : 3) : where === 'everywhere' ? 0 : 1;
  const chosen = new Set<Action>();
  let room = width - 1;
  for (const action of [...usable].sort((a, b) => rank(a) - rank(b))) {
    const wide = widthOf(keySpans(action, desk));
    if (wide > room) continue;
    chosen.add(action);
    room -= wide;
  }
  const shown = usable.filter((action) => chosen.has(action));
  return {
    here: shown.filter(({ where }) => where !== 'everywhere'),
    everywhere: shown.filter(({ where }) => where === 'everywhere'),
  };
}

/** What can be said about the selected account in one line. */
function contextText({ snapshot, accounts, focus, layer }: Desk): string {
  const row = accounts.selected;
  if (layer?.place === 'row') return phrase('The proxy goes on serving while this form is open.');
  if (layer !== null && layer.place !== 'accounts') return '';
  if (focus === 'log') return phrase('j and k stop the log; f follows it again. Enter shows the whole record.');
  if (focus === 'refreshes' || row === null)
    return `${sanitise(snapshot.dataDir)} · regrant ${sanitise(snapshot.version)}`;
  const { serve } = serving(snapshot);
  const email = sanitise(accountName(row));
  if (row.state === 'disabled') {
    const others =
      serve === 0
        ? phrase('no other account serves')
        : serve === 1
          ? phrase('1 other carries the load')
          : phrase('{n} others carry the load', { n: grouped(serve) });
    return phrase('{email}: {others}. Shortest way back: r, paste, Enter.', { email, others });
  }
  const reason = row.reason === '' ? '' : `: ${sanitise(told(row.reason))}`;
  const client = row.client === '' ? '' : ` · ${phrase('client {client}', { client: sanitise(row.client) })}`;
  return `${email}${reason}${client}${row.projectId === null ? '' : ` · ${phrase('project {project}', { project: sanitise(row.projectId) })}`}`;
}
