/** Words for the screen: of the catalogue, in the operator's tongue, in cells. */
import { worded, type Values, type Word } from '../../store/words/tongue.js';
import { sanitise } from './text.js';

/** A word in the operator's tongue, in cells; the values have to be in cells already. */
export const phrase = <W extends Word>(word: W, ...values: Values<W>): string => worded(word, values, sanitise);
