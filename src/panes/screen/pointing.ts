/** What a click or a turn of the wheel does, by what is drawn where it happened. */
import { pressed } from '../actions/keyboard.js';
import { move } from '../actions/motions.js';
import type { Desk, PaneName } from '../desk/desk.js';
import { Sheet } from '../layers/sheet.js';
import { keyNamed } from '../terminal/keys.js';
import type { Pointer } from '../terminal/pointer.js';
import { titleRows } from '../views/log/log-pane.js';
import { footParts } from './foot.js';
import type { Layout } from './layout.js';

/** Lines that a turn of the wheel moves by. */
const WHEEL_LINES = 3;

/** @param width - of the screen */
export function pointed(desk: Desk, { what, x, y }: Pointer, layout: Layout, width: number): void {
  desk.touched();
  if (y >= layout.foot.top) {
    if (what === 'click' && y === layout.foot.top) pressAt(desk, x, width);
    return;
  }
  const { sheet, layer } = desk;
  // a question is answered by its keys, and what is typed stays what it is
  if (layer?.place === 'dialog' || layer?.takesText === true) return;
  if (what !== 'click' && sheet instanceof Sheet && (sheet.place === 'panes' || isIn(layout, 'accounts', y))) {
    sheet.move(what === 'wheel-up' ? -WHEEL_LINES : WHEEL_LINES);
    return;
  }
  const pane = (['accounts', 'log', 'refreshes'] as const).find((name) => isIn(layout, name, y));
  if (pane === undefined || sheet?.place === 'panes') return;
  desk.focusOn(pane);
  const row = y - layout.panes[pane].top - 1;
  if (what !== 'click') move(desk, what === 'wheel-up' ? -WHEEL_LINES : WHEEL_LINES);
  else if (pane === 'accounts' && sheet === null) desk.accounts.selectShown(row - 1);
  else if (pane === 'log') standOn(desk, row - titleRows(layout.panes.log.height));
  else if (pane === 'refreshes') desk.refreshes.standOn(row);
}

const isIn = ({ panes }: Layout, pane: PaneName, y: number): boolean =>
  y >= panes[pane].top && y < panes[pane].top + panes[pane].height;

function standOn({ log, logs }: Desk, row: number): void {
  const seq = log.drawn[row];
  if (seq !== undefined) log.standOn(seq, logs);
}

/** The key under the pointer, else the first of the part that it is in. */
function pressAt(desk: Desk, x: number, width: number): void {
  const part = footParts(desk, width).find(({ from, text }) => x >= from && x < from + text.length);
  if (part === undefined) return;
  const words = part.text.split(' ');
  let at = part.from;
  const under = words.find((word) => (at += word.length + 1) > x) ?? '';
  const key = keyNamed(under) ?? keyNamed(words[0] ?? '');
  if (key !== null) pressed(desk, key);
}
