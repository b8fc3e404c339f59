import type { Desk, Layer } from '../desk/desk.js';
import type { Key } from '../terminal/keys.js';

/** A form that takes keys; `closed` once there is nothing left to show. */
interface KeyedForm {
  key(key: Key): 'open' | 'closed';
}

/**
 * Gives a key to the form in a layer; only Ctrl-C is not the form's. The layer is closed once the form has nothing left
 * to show.
 */
export function keyOfForm(form: KeyedForm, layer: Layer, key: Key, desk: Pick<Desk, 'drop'>): 'taken' | 'pass' {
  if (key.name === 'C-c') return 'pass';
  if (form.key(key) === 'closed') desk.drop(layer);
  return 'taken';
}
