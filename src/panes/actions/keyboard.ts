/** Decides where a key or a paste goes: to what lies on top, to the open form, else to the actions. */
import { obstacle, places } from '../desk/action.js';
import { actionFor, actions } from './actions.js';
import { quit } from './leaving-actions.js';
import { SuspendDialog } from '../layers/confirm.js';
import type { Desk, Layer } from '../desk/desk.js';
import { latinKey } from '../terminal/layouts.js';
import { inert } from '../text/inert.js';
import { shownKey, type Key, type Paste } from '../terminal/keys.js';
import { tell } from '../../store/words/tongue.js';

export function pressed(desk: Desk, typed: Key): void {
  desk.touched();
  const { active: layer } = desk;
  const key = layer?.takesText === true ? typed : { ...typed, name: latinKey(typed.name) };
  if (isForScreen(key, layer)) act(desk, key.name);
  else if (layer?.key(key, desk) === 'taken') return;
  // Ctrl-C always asks, also out of a field.
  else if (key.name === 'C-c') quit(desk);
  else if (key.name === 'q' && desk.layer !== null) desk.drop(desk.layer);
  else if (layer?.takesText !== true) {
    // A key that the help names can be pressed while the help is open.
    if (layer?.place === 'panes' && actionFor(key.name, desk.focus)?.isOfOpen !== true) desk.drop(layer);
    act(desk, key.name);
  }
}

/** Whether a key is for the screen itself, whatever is open; a second Ctrl-Z answers the question of the first. */
const isForScreen = ({ name }: Key, layer: Layer | null): boolean =>
  name === 'C-l' || (name === 'C-z' && !(layer instanceof SuspendDialog));

function act(desk: Desk, name: string): void {
  const action = actionFor(name, desk.focus);
  const reason = action === undefined ? elsewhere(name) : obstacle(action, desk);
  if (reason !== null) desk.say(reason, 'warn');
  else action?.run(desk);
}

/** Says in which pane a key acts, or that it acts in none. */
function elsewhere(name: string): string {
  const where = actions.find(({ keys }) => keys.includes(name))?.where;
  if (where === undefined || where === 'everywhere') {
    const isForeign = (name.codePointAt(0) ?? 0) > 0x7f;
    const key = inert(shownKey(name));
    return isForeign
      ? tell('{key} is no key here: switch the keyboard to Latin letters', { key })
      : tell('{key} is no key here, ? lists them', { key });
  }
  const number = { accounts: '1', log: '2', refreshes: '3' }[where];
  const pane = tell(places[where]).toLowerCase();
  return tell('{key} acts in the {pane} pane: press {number} first', { key: shownKey(name), pane, number });
}

export function pasted(desk: Desk, paste: Paste): void {
  desk.touched();
  const { layer } = desk;
  // a sheet takes text only while one is typed in it
  const takes = layer !== null && (layer.place !== 'panes' || layer.takesText);
  if (takes && layer.paste !== undefined) layer.paste(paste, desk);
  else if (layer?.place === 'dialog') desk.say(tell('paste ignored: a question is open, Esc leaves it'), 'warn');
  else desk.say(tell('paste ignored: {way} first', { way: wayOfPastes(desk) }), 'warn');
}

/** The keys that lead to where a paste is taken, from where one stands. */
function wayOfPastes(desk: Pick<Desk, 'active' | 'focus' | 'snapshot' | 'accounts'>): string {
  const steps = [desk.active === null ? '' : 'Esc', desk.focus === 'accounts' ? '' : '1'];
  const { selected } = desk.accounts;
  const form = selected === null || selected.state === 'unreadable' ? tell('a (add)') : tell('r (re-add) or a (add)');
  steps.push(desk.snapshot.clients.length === 0 ? tell('O (the OAuth client)') : form);
  const [first = '', ...more] = steps.filter((step) => step !== '');
  return more.reduce((way, key) => tell('{way}, then {key}', { way, key }), tell('press {key}', { key: first }));
}
