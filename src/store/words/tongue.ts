/**
 * Words in the tongue of the operator. The English word stands where it is used and is its own key; each other tongue is
 * a catalogue of all of them, loaded when it is chosen. What programs read (log, JSON, codes, metrics) is English always
 * and does not come here.
 */
import type { korean } from './korean/korean.js';
import { endsClosed } from './catalogue/particles.js';
import type { PlaceholdersOf } from './catalogue/placeholders.js';

/** A word of the catalogue: a text with placeholders in braces, and what tells two meanings apart after `¦`. */
export type Word = keyof typeof korean;

/** A word without placeholders. */
export type PlainWord = { [W in Word]: [PlaceholdersOf<W>] extends [never] ? W : never }[Word];

/** A tongue is a text for each word. */
export type Catalogue = Readonly<Record<Word, string>>;

/** What is put in the place of the placeholders of a word; none where it has none. */
export type Values<W extends Word> = [PlaceholdersOf<W>] extends [never]
  ? []
  : [values: Readonly<Record<PlaceholdersOf<W>, string | number>>];

export const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];

const catalogues: Record<Exclude<Language, 'en'>, () => Promise<Catalogue>> = {
  ko: async () => (await import('./korean/korean.js')).korean,
};

/** The language of an environment: by the first of these that is set, as POSIX has it. */
export function languageOf({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): Language {
  const locale = [LC_ALL, LC_MESSAGES, LANG].find((name) => (name ?? '') !== '') ?? '';
  return languages.find((language) => new RegExp(`^${language}(?![a-z])`, 'i').test(locale)) ?? 'en';
}

/** What this process speaks; all of it, since a process has one operator. */
let spoken: { readonly language: Language; readonly catalogue: Catalogue | null } = { language: 'en', catalogue: null };

export const spokenLanguage = (): Language => spoken.language;

/** From when it resolves on, words are in this language. */
export async function speak(language: Language): Promise<void> {
  const catalogue = language === 'en' ? null : await catalogues[language]();
  spoken = { language, catalogue };
  known.clear();
}

/** The English text of a word. */
export const englishOf = (word: Word): string => word.replace(/ ¦ .*$/, '');

/** A part of a text: letters, the name of a placeholder, or a particle in its forms after a consonant and after a vowel. */
type Part = { readonly letters: string } | { readonly name: string } | { readonly particle: readonly [string, string] };

const known = new Map<Word, readonly Part[]>();

/** The parts of a word in the language that is spoken. */
function partsOf(word: Word): readonly Part[] {
  const before = known.get(word);
  if (before !== undefined) return before;
  const text = spoken.catalogue?.[word] ?? englishOf(word);
  const parts = text
    .split(/(\{\w+\}|\[[가-힣]+\/[가-힣]*\])/)
    .filter((part) => part !== '')
    .map(partOf);
  known.set(word, parts);
  return parts;
}

function partOf(text: string): Part {
  if (/^\{\w+\}$/.test(text)) return { name: text.slice(1, -1) };
  const [, closed, open] = /^\[([가-힣]+)\/([가-힣]*)\]$/.exec(text) ?? [];
  return closed === undefined ? { letters: text } : { particle: [closed, open ?? ''] };
}

/**
 * A word in the language that is spoken, with the values in their places.
 *
 * @param fit - makes the catalogue's letters fit for where they are shown, as the values are already
 */
export function worded<W extends Word>(word: W, values: Values<W>, fit = (letters: string): string => letters): string {
  const named = new Map<string, string | number>(Object.entries(values[0] ?? {}));
  let out = '';
  for (const part of partsOf(word)) {
    if ('letters' in part) out += fit(part.letters);
    else if ('name' in part) out += String(named.get(part.name) ?? '');
    else out += fit(part.particle[endsClosed(out) ? 0 : 1]);
  }
  return out;
}

/** The word in the language that is spoken. */
export const tell = <W extends Word>(word: W, ...values: Values<W>): string => worded(word, values);
