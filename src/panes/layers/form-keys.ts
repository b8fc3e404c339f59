import type { Desk, Layer } from '../desk/desk.js';
import type { Key } from '../terminal/keys.js';

/** What a form does with keys; `closed` once there is nothing left to show. */
interface KeyedForm {
  key(key: Key): 'open' | 'closed';
}

/** A key for the form that a layer shows: Ctrl-C asks over it too, all else is its own; it goes once there is nothing left. */
export function keyOfForm(form: KeyedForm, layer: Layer, key: Key, desk: Pick<Desk, 'drop'>): 'taken' | 'pass' {
  if (key.name === 'C-c') return 'pass';
  if (form.key(key) === 'closed') desk.drop(layer);
  return 'taken';
}
