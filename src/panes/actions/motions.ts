/** Moving about, the same keys in every pane. */
import type { Action } from '../desk/action.js';
import type { Desk } from '../desk/desk.js';

/** Rows that PgUp and PgDn pass. */
const PAGE = 10;

function move(desk: Desk, by: number): void {
  if (desk.focus === 'accounts') desk.accounts.move(by);
  else if (desk.focus === 'log') desk.log.move(by, desk.supervisor.logs);
  else desk.refreshes.move(by, desk.supervisor.events);
}

function toStart(desk: Desk): void {
  if (desk.focus === 'accounts') desk.accounts.toStart();
  else if (desk.focus === 'log') desk.log.toStart(desk.supervisor.logs);
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
  help: string,
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
  motion('page-down', ['pagedown', 'C-d'], 'PgDn', 'ten rows down', (desk) => move(desk, PAGE)),
  motion('page-up', ['pageup'], 'PgUp', 'ten rows up', (desk) => move(desk, -PAGE)),
  motion('first', ['g', 'home'], 'g', 'to the first row', toStart),
  motion('last', ['G', 'end'], 'G', 'to the last row; in the log: follow', toEnd),
];
