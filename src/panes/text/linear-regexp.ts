/**
 * Regular expressions of an operator's, matched in time that grows with the length of the text and nothing else: JavaScript's
 * own engine goes back and tries again, and `(\S+\s*)+x` stops screen and proxy for good with it.
 */
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/** Read with the first expression: few filters are one. */
const load = createRequire(import.meta.url);
const engine = (): typeof RE2JS => (load('re2js') as { RE2JS: typeof RE2JS }).RE2JS;

/** A counted repetition is written out: `(abc){1000}` is three thousand steps. */
const MOST_REPEATED = 5_000;
const MOST_STEPS = 2_000;
const TOO_MUCH = 'that repeats too much for one expression';

/** To say where a match stands costs the text's length times the steps, at a tenth of a microsecond or less each. */
const MOST_LOOKED_UP = 100_000;

export interface MatchSpan {
  readonly start: number;
  /** Behind the last letter. */
  readonly end: number;
}

export interface LinearRegexp {
  test(text: string): boolean;
  /** Every match, the first of them first; none where that would take longer than a picture may. */
  places(text: string): readonly MatchSpan[];
}

/** The expression, without regard to capitals, or what is wrong with it in one line. */
export function linearRegexp(source: string): LinearRegexp | { readonly wrong: string } {
  if (repeated(source) * source.length > MOST_REPEATED) return { wrong: TOO_MUCH };
  let seek: RE2JS;
  try {
    const re2 = engine();
    seek = re2.compile(source, re2.CASE_INSENSITIVE);
  } catch (error) {
    return { wrong: faultOf(source, error instanceof Error ? error.message : '') };
  }
  if (seek.programSize() > MOST_STEPS) return { wrong: TOO_MUCH };
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

/** Nobody sees more in a line. */
const MOST_PLACES = 200;

/** How often something is written out, were all repetitions side by side. */
function repeated(source: string): number {
  let sum = 0;
  for (const [, least = '', most = ''] of source.matchAll(/\{(\d+)(?:,(\d*))?\}/g)) sum += Number(most || least);
  return sum;
}

/** What a person is to do without, of that which other engines know. */
const faultOf = (source: string, message: string): string =>
  /Perl syntax|escape sequence: `\\\d/.test(message)
    ? 'look-around and back-references are not known here'
    : `not a regular expression: ${source}`;
