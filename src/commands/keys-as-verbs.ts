import { englishText, spokenText } from '../store/words/saying.js';
import { ownValue } from '../store/ground/json.js';
import type { Saying, Spoken } from '../store/ground/errors.js';
import { data, spokenCatalogue } from '../store/words/tongue.js';

/** The verb that does in a shell what a key does on the screen. */
const verbs: Readonly<Record<string, string>> = {
  a: 'regrant add',
  c: 'regrant clear',
  e: 'regrant on',
  o: 'regrant login',
  O: 'regrant client set',
  r: 'regrant add',
  R: 'regrant reload',
  t: 'regrant test',
  u: 'regrant undo',
  x: 'regrant remove',
};

const PRESSED = /\bpress ([aceoOrRtux])\b/g;
/** A key that is named by itself, as in "allow the app, then t": no article, and no initial of a name. */
const NAMED = /(?<=^|[;,] |\b(?:then|with|or|and) )([ceoOrRtux])(?=[ ,;]|$)/g;

/**
 * A text that says which key to press, turned into one for a shell, which has no such keys: "press t" becomes "run
 * `regrant test`".
 */
export const keysAsVerbs = (text: string): string =>
  text
    .replace(PRESSED, (_, key: string) => `run \`${ownValue(verbs, key) ?? key}\``)
    .replace(NAMED, (_, key: string) => `\`${ownValue(verbs, key) ?? key}\``);

/** A text of the supervisor for people at a shell, in the operator's tongue. */
export function toldInShell(text: string | Saying): Spoken {
  const catalogue = spokenCatalogue();
  if (catalogue === null) return data(keysAsVerbs(englishText(text)));
  return data(catalogue.inShell(spokenText(text), (key) => ownValue(verbs, key)));
}

/** The same for a reply that `--json` prints too. */
export const inShell = (text: string | Saying): Saying => ({
  english: keysAsVerbs(englishText(text)),
  get spoken() {
    return toldInShell(text);
  },
});
