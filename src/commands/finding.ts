import { englishText } from '../store/words/saying.js';
import type { Saying, Spoken } from '../store/ground/errors.js';
import { sideBySide } from '../store/words/tongue.js';
import { keysAsVerbs, toldInShell } from './keys-as-verbs.js';

/** What a check found: what was looked at, how it is, and what to do where it is not good. */
export interface Finding {
  readonly mark: 'ok' | 'warn' | 'bad';
  /** A name or address, or what is looked at in words. */
  readonly what: string | Saying;
  readonly text: string | Saying;
}

const marks = { ok: '✔', warn: '▲', bad: '✖' } as const;

/** As `--json` prints it. */
export const printedFinding = ({ mark, what, text }: Finding): object => ({
  ...{ mark, what: englishText(what), text: keysAsVerbs(englishText(text)) },
});

export const findingLine = ({ mark, what, text }: Finding): Spoken =>
  sideBySide`${marks[mark]} ${typeof what === 'string' ? what : what.spoken}: ${toldInShell(text)}`;
