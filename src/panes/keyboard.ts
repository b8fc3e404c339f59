/** Where a key or a paste goes: to what lies on top, to the open form, else to the actions. */
import { obstacle, places } from './action.js';
import { actionFor, actions, quit } from './actions.js';
import { QuitDialog } from './confirm.js';
import type { Desk } from './desk.js';
import { shownKey, type Key, type Paste } from './keys.js';

export function pressed(desk: Desk, key: Key): void {
  desk.touched();
  const { layer } = desk;
  if (layer !== null) {
    if (layer.key(key, desk) === 'taken') return;
    // Ctrl-C always asks, also out of a field.
    if (key.name === 'C-c') return quit(desk);
    if (layer.takesText) return;
    // A key that the help names may be pressed right there.
    if (layer.place === 'panes') desk.layer = null;
  } else if (desk.form !== null) {
    if (key.name === 'C-c') return quit(desk);
    if (key.name === 'C-l') return desk.reach.repaint();
    return desk.form.key(key);
  }
  act(desk, key.name);
}

function act(desk: Desk, name: string): void {
  const action = actionFor(name, desk.focus);
  if (action === undefined) return elsewhere(desk, name);
  const reason = obstacle(action, desk);
  if (reason === null) action.run(desk);
  else desk.say(reason, 'warn');
}

/** A key that acts in another pane says in which. */
function elsewhere(desk: Desk, name: string): void {
  const action = actions.find(({ keys }) => keys.includes(name));
  if (action === undefined || action.where === 'everywhere') return;
  const key = { accounts: '1', log: '2', refreshes: '3' }[action.where];
  desk.say(`${shownKey(name)} acts in the ${places[action.where].toLowerCase()} pane: press ${key} first`, 'warn');
}

export function pasted(desk: Desk, paste: Paste): void {
  desk.touched();
  if (desk.layer?.paste !== undefined) desk.layer.paste(paste, desk);
  else if (desk.layer === null && desk.form !== null) desk.form.paste(paste);
  else if (desk.layer instanceof QuitDialog) desk.say('paste ignored: a dialog is open');
  else desk.say('paste ignored: press r (re-add) or a (add) first', 'warn');
}
