/**
 * Texts that programs read in English and the operator in his tongue: errors, and answers that `--json` prints as well.
 * A text that only the operator reads is simply told (`tell`).
 */
import { RegrantError, reasonOf, type Saying, type Spoken } from '../ground/errors.js';
import type { PlaceholdersOf } from './catalogue/placeholders.js';
import { told } from './told.js';
import {
  clauses,
  data,
  englishPlaced,
  sideBySide,
  tellPlaced,
  type Sentence,
  type Values,
  type Word,
} from './tongue.js';

/** Data, or another text of both. */
type Part = string | number | Saying;

type Parts<W extends Word> = [PlaceholdersOf<W>] extends [never]
  ? []
  : [parts: Readonly<Record<PlaceholdersOf<W>, Part>>];

const isSaying = (part: Part): part is Saying => typeof part === 'object';

/** A word of the catalogue in both. */
class WordSaying implements Saying {
  private readonly parts: readonly (readonly [name: string, part: Part])[];

  constructor(
    private readonly word: Word,
    parts: Readonly<Record<string, Part>> = {},
  ) {
    this.parts = Object.entries(parts);
  }

  get english(): string {
    return englishPlaced(
      this.word,
      new Map(this.parts.map(([name, part]) => [name, isSaying(part) ? part.english : part])),
    );
  }

  get spoken(): Spoken {
    return tellPlaced(
      this.word,
      new Map(this.parts.map(([name, part]) => [name, isSaying(part) ? part.spoken : part])),
    );
  }
}

/** A word of the catalogue, in English and as it is spoken. */
export const saying = <W extends Word>(word: W, ...[parts]: Parts<W>): Saying => new WordSaying(word, parts);

/** A text that is English so far, as the reason of a failed system call or what a supervisor said: read by its sentence. */
export const read = (english: string): Saying => ({
  english,
  get spoken() {
    return told(english);
  },
});

/** What programs print of a text, and what the operator reads; a text alone is what a supervisor said, in English. */
export const englishText = (text: string | Saying): string => (typeof text === 'string' ? text : text.english);
export const spokenText = (text: string | Saying): Spoken => (typeof text === 'string' ? told(text) : text.spoken);

/** Why something was thrown. */
export const reason = (error: unknown): Saying =>
  error instanceof RegrantError ? error.saying : read(reasonOf(error));

/** What was thrown, for the operator. */
export const said = (error: unknown): Spoken => reason(error).spoken;

/** `name: words`. */
export const named = (name: string, words: Saying): Saying => ({
  english: `${name}: ${words.english}`,
  get spoken() {
    return sideBySide`${name}: ${words.spoken}`;
  },
});

/** Several, with signs between them. */
export const joinedSayings = (all: readonly Saying[], signs: string): Saying => ({
  english: all.map(({ english }) => english).join(signs),
  get spoken() {
    const texts: readonly string[] = all.map(({ spoken }) => spoken);
    return data(signs === '; ' && texts.length > 0 ? texts.reduce(clauses) : texts.join(signs));
  },
});

/**
 * A sentence that goes over the socket or into a file, in English; whoever shows it reads it by its words (`told`), so it
 * has to be one that can be read.
 */
export const english = <W extends Sentence & Word>(word: W, ...[parts]: Values<W>): string =>
  englishPlaced(word, new Map(Object.entries<string | number>(parts ?? {})));

/** What a given word has to be. @param given - as it was typed */
export const choiceOf = (given: string, words: readonly string[]): Saying =>
  saying('{given}: one of {words}', { given, words: words.join(', ') });
