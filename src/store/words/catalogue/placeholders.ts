/** What a catalogue has to hold, checked when it is compiled: a text for each word, with the same placeholders in it. */

/** The names in braces of a text: `'{done} of {of}'` gives `'done' | 'of'`. */
export type PlaceholdersOf<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlaceholdersOf<Rest>
  : never;

/** The same texts; one that lacks a placeholder of its word, or has another one, is an error. */
type Fitting<Texts> = {
  readonly [Word in keyof Texts]: Word extends string
    ? Texts[Word] extends string
      ? [PlaceholdersOf<Word>, PlaceholdersOf<Texts[Word]>] extends [PlaceholdersOf<Texts[Word]>, PlaceholdersOf<Word>]
        ? Texts[Word]
        : `its placeholders differ from those of: ${Word}`
      : never
    : never;
};

/** A part of a catalogue, as it is: English words with the texts of another tongue. */
export const inTongue = <const Texts extends Readonly<Record<string, string>>>(texts: Texts & Fitting<Texts>): Texts =>
  texts;
