/** Actions that move about, with the same keys in every pane. */
import type { Action } from '../desk/action.js';
import type { Desk } from '../desk/desk.js';
import { moveInLog } from '../layers/log-history.js';
import type { PlainWord } from '../../store/words/tongue.js';

/** Moves by so many rows in the focused pane. */
export function move(desk: Desk, by: number): void {
  if (desk.focus === 'accounts') desk.accounts.move(by);
  else if (desk.focus === 'log') moveInLog(desk, by);
  else desk.refreshes.move(by, desk.supervisor.events);
}

/** Moves by the rows that the pane shows, or by half of them. */
function page(desk: Desk, direction: 1 | -1, share: 1 | 0.5): void {
  const { page: rows } = desk.focus === 'accounts' ? desk.accounts : desk[desk.focus];
  move(desk, direction * Math.max(1, Math.floor(rows * share)));
}

export const halfPageUp = (desk: Desk): void => page(desk, -1, 0.5);

function toStart(desk: Desk): void {
  if (desk.focus === 'accounts') desk.accounts.toStart();
  else if (desk.focus === 'log') desk.log.toStart(desk.logs);
  else desk.refreshes.toNewest();
}

function toEnd(desk: Desk): void {
  if (desk.focus === 'accounts') desk.accounts.toEnd();
  else if (desk.focus === 'log') desk.log.follow();
  else desk.refreshes.toOldest(desk.supervisor.events);
}

const motion = (
  id: string,
  keys: readonly string[],
  shown: string,
  help: PlainWord,
  run: (desk: Desk) => void,
): Action => ({
  id,
  keys,
  shown,
  help,
  where: 'everywhere',
  isMotion: true,
  run,
});

export const motions: readonly Action[] = [
  motion('down', ['j', 'down'], 'j Down', 'a row down', (desk) => move(desk, 1)),
  motion('up', ['k', 'up'], 'k Up', 'a row up', (desk) => move(desk, -1)),
  motion('page-down', ['pagedown'], 'PgDn', 'a page down', (desk) => page(desk, 1, 1)),
  motion('page-up', ['pageup'], 'PgUp', 'a page up', (desk) => page(desk, -1, 1)),
  motion('half-page-down', ['C-d'], 'Ctrl-D', 'half a page down', (desk) => page(desk, 1, 0.5)),
  motion('half-page-up', ['C-u'], 'Ctrl-U', 'half a page up', halfPageUp),
  motion('first', ['g', 'home'], 'g', 'to the first row', toStart),
  motion('last', ['G', 'end'], 'G', 'to the last row; in the log: follow', toEnd),
];
