/** Actions that leave the screen or come back to it. */
import type { Action } from '../desk/action.js';
import type { Desk } from '../desk/desk.js';
import { leaveScreen, QuitDialog, SuspendDialog } from '../layers/confirm.js';

export function quit(desk: Desk): void {
  if (desk.host.attached) desk.host.quit('close');
  else desk.open(new QuitDialog(desk.now));
}

export const leavingActions: readonly Action[] = [
  {
    id: 'repaint',
    keys: ['C-l'],
    shown: 'Ctrl-L',
    help: 'draw the whole screen again',
    where: 'everywhere',
    run: (desk) => desk.host.repaint(),
  },
  {
    id: 'suspend',
    keys: ['C-z'],
    shown: 'Ctrl-Z',
    help: 'suspend; fg brings it back (asks where the proxy would stand still too)',
    where: 'everywhere',
    run(desk) {
      if (desk.host.attached) desk.host.suspend();
      else desk.open(new SuspendDialog());
    },
  },
  {
    id: 'detach',
    keys: ['d'],
    shown: 'd',
    label: 'detach',
    isSpare: true,
    help: 'leave the terminal; the proxy goes on serving',
    where: 'everywhere',
    run: (desk) => leaveScreen(desk),
  },
  {
    id: 'quit',
    keys: ['q', 'C-c'],
    shown: 'q',
    label: 'quit',
    help: 'leave: asks whether to go on serving (d), stop (q again) or stay (Esc); an attached screen just closes',
    where: 'everywhere',
    run: quit,
  },
];
