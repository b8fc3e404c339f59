/**
 * The operator's regular expressions, matched in time that grows only with the length of the text: JavaScript's own
 * engine backtracks, and `(\S+\s*)+x` would stop screen and proxy for good.
 */
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import type { PlainWord } from '../../store/words/tongue.js';
import { phrase } from './phrase.js';

/** Loaded with the first expression, since few filters are one. */
const load = createRequire(import.meta.url);
const engine = (): typeof RE2JS => (load('re2js') as { RE2JS: typeof RE2JS }).RE2JS;

/** A counted repetition is expanded: `(abc){1000}` has three thousand steps. */
const MOST_REPEATED = 5_000;
const MOST_STEPS = 2_000;
const TOO_MUCH: PlainWord = 'that repeats too much for one expression';

/**
 * The most work for finding where matches are: the text's length times the steps, each a tenth of a microsecond or
 * less.
 */
const MOST_LOOKED_UP = 100_000;

export interface MatchSpan {
  readonly start: number;
  /** Index after the last letter. */
  readonly end: number;
}

export interface LinearRegexp {
  test(text: string): boolean;
  /** Every match, in the order of the text; none where finding them would take longer than a frame may. */
  places(text: string): readonly MatchSpan[];
}

/** The expression, ignoring upper and lower case, or what is wrong with it in one line. */
export function linearRegexp(source: string): LinearRegexp | { readonly wrong: string } {
  if (repeated(source) * source.length > MOST_REPEATED) return { wrong: phrase(TOO_MUCH) };
  let seek: RE2JS;
  try {
    const re2 = engine();
    seek = re2.compile(source, re2.CASE_INSENSITIVE);
  } catch (error) {
    return { wrong: faultOf(source, error instanceof Error ? error.message : '') };
  }
  if (seek.programSize() > MOST_STEPS) return { wrong: phrase(TOO_MUCH) };
  return {
    test: (text) => seek.test(text),
    places(text) {
      if (text.length * seek.programSize() > MOST_LOOKED_UP) return [];
      const matcher = seek.matcher(text);
      const places: MatchSpan[] = [];
      while (places.length < MOST_PLACES && matcher.find()) {
        if (matcher.end() > matcher.start()) places.push({ start: matcher.start(), end: matcher.end() });
      }
      return places;
    },
  };
}

/** The most matches in a line: nobody sees more. */
const MOST_PLACES = 200;

/** How many steps all repetitions have, expanded one after the other. */
function repeated(source: string): number {
  let sum = 0;
  for (const [, least = '', most = ''] of source.matchAll(/\{(\d+)(?:,(\d*))?\}/g)) sum += Number(most || least);
  return sum;
}

/** What is wrong, as a person is told it, where other engines know a feature and this one does not. */
const faultOf = (source: string, message: string): string =>
  /Perl syntax|escape sequence: `\\\d/.test(message)
    ? phrase('look-around and back-references are not known here')
    : phrase('not a regular expression: {source}', { source });
