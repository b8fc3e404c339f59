/**
 * Words in the tongue of the operator. The English word stands where it is used and is its own key; each other tongue is
 * a catalogue of all of them, loaded when it is chosen. What programs read (log, JSON, codes, metrics) is English always
 * and does not come here.
 */
import type { korean, koreanSentences } from './korean/korean.js';
import { joinedParts, textParts, type TextPart } from './catalogue/text-parts.js';
import type { PlaceholdersOf } from './catalogue/placeholders.js';
import type { Spoken } from '../ground/errors.js';

/** A word of the catalogue: a text with placeholders in braces, and what tells two meanings apart after `¦`. */
export type Word = keyof typeof korean;

/** A word without placeholders. */
export type PlainWord = { [W in Word]: [PlaceholdersOf<W>] extends [never] ? W : never }[Word];

/** A sentence that a supervisor tells, in English, to screens in any language. */
export type Sentence = keyof typeof koreanSentences;

/** A sentence without placeholders. */
export type PlainSentence = Extract<PlainWord, Sentence>;

/** A tongue: a text for each word, and one for each sentence. */
export interface Catalogue {
  readonly words: Readonly<Record<Word, string>>;
  readonly sentences: Readonly<Record<Sentence, string>>;
  /** A text that says which key to press, for a shell. @param verbOf - what does there what the key does */
  readonly inShell: (text: string, verbOf: (key: string) => string | undefined) => string;
  /** Two clauses of which each could stand alone; English has a semicolon between them. */
  readonly clauses: (first: string, second: string) => string;
}

/** What is put in the place of the placeholders of a word; none where it has none. */
export type Values<W extends Word> = [PlaceholdersOf<W>] extends [never]
  ? []
  : [values: Readonly<Record<PlaceholdersOf<W>, string | number>>];

export const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];

/** A third language is a row of this table. */
const catalogues: Record<Exclude<Language, 'en'>, () => Promise<Catalogue>> = {
  async ko() {
    const { korean, koreanSentences, koreanInShell, koreanClauses } = await import('./korean/korean.js');
    return { words: korean, sentences: koreanSentences, inShell: koreanInShell, clauses: koreanClauses };
  },
};

/** The language of an environment: by the first of these that is set, as POSIX has it. */
export function languageOf({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): Language {
  const locale = [LC_ALL, LC_MESSAGES, LANG].find((name) => (name ?? '') !== '') ?? '';
  return languages.find((language) => new RegExp(`^${language}(?![a-z])`, 'i').test(locale)) ?? 'en';
}

/** What this process speaks; all of it, since a process has one operator. */
let spoken: { readonly language: Language; readonly catalogue: Catalogue | null } = { language: 'en', catalogue: null };

export const spokenLanguage = (): Language => spoken.language;

/** What is spoken, whole; null: English, which needs no catalogue. */
export const spokenCatalogue = (): Catalogue | null => spoken.catalogue;

/** From when it resolves on, words are in this language. */
export async function speak(language: Language): Promise<void> {
  const catalogue = language === 'en' ? null : await catalogues[language]();
  spoken = { language, catalogue };
  known.clear();
}

/** The English text of a word. */
export const englishOf = (word: Word): string => word.replace(/ \u00a6 .*$/, '');

/** The parts of each word, in the language that is spoken and in English. */
const known = new Map<Word, readonly TextPart[]>();
const knownInEnglish = new Map<Word, readonly TextPart[]>();

/** What stands in the place of each placeholder. */
type PlacedValues = ReadonlyMap<string, string | number>;

/** The parts of a word, once for each word. */
function partsOf(word: Word, parts: Map<Word, readonly TextPart[]>, text: () => string): readonly TextPart[] {
  const before = parts.get(word);
  if (before !== undefined) return before;
  const found = textParts(text());
  parts.set(word, found);
  return found;
}

const spokenParts = (word: Word): readonly TextPart[] =>
  partsOf(word, known, () => spoken.catalogue?.words[word] ?? englishOf(word));

/**
 * A word in the language that is spoken, with the values in their places.
 *
 * @param fit - makes the catalogue's letters fit for where they are shown, as the values are already
 */
export const worded = <W extends Word>(word: W, values: Values<W>, fit?: (letters: string) => string): string =>
  joinedParts(spokenParts(word), new Map(Object.entries(values[0] ?? {})), fit);

/** The word in the language that is spoken. */
export const tell = <W extends Word>(word: W, ...values: Values<W>): Spoken => worded(word, values) as Spoken;

/** The word in both, for `saying`. */
export const tellPlaced = (word: Word, values: PlacedValues): Spoken =>
  joinedParts(spokenParts(word), values) as Spoken;
export const englishPlaced = (word: Word, values: PlacedValues): string =>
  joinedParts(
    partsOf(word, knownInEnglish, () => englishOf(word)),
    values,
  );

/** A line of data and of texts that are spoken already: the letters between them are signs alone (a test sees to it). */
export const sideBySide = (signs: TemplateStringsArray, ...parts: readonly (string | number)[]): Spoken =>
  String.raw({ raw: signs }, ...parts) as Spoken;

/** Two clauses that are spoken already. */
export const clauses = (first: string, second: string): string =>
  spoken.catalogue?.clauses(first, second) ?? `${first}; ${second}`;

/** Data, as names, addresses and numbers, which are the same in every tongue. */
export const data = (text: string | number): Spoken => String(text) as Spoken;
