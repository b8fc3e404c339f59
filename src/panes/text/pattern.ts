/**
 * The pattern typed after `/`: a plain text; with `!` before it everything without that text; with `~` a regular
 * expression.
 */
import { linearRegexp, type MatchSpan } from './linear-regexp.js';
import { phrase } from './phrase.js';
import { sanitise } from './text.js';

const LONGEST_PATTERN = 200;
/** How much of a line is looked at: a regular expression takes up to 50 µs for each letter, a plain text much less. */
const LONGEST_LINE = { text: 4096, regexp: 1024 } as const;

export interface Pattern {
  /** As typed. */
  readonly source: string;
  matches(text: string): boolean;
  /** Where it matches in `text`, each time; nowhere where the pattern is inverted. */
  places(text: string): readonly MatchSpan[];
}

/** The pattern meant by `source`, null for an empty one, or what is wrong with it in one line. */
export function parsePattern(source: string): Pattern | null | { readonly wrong: string } {
  // it is matched against text in cells, so it is converted likewise
  const [, inverted = '', regexp = '', body = ''] = /^(!?)(~?)(.*)$/s.exec(sanitise(source)) ?? [];
  if (body === '') return null;
  if (body.length > LONGEST_PATTERN)
    return { wrong: phrase('a filter may have {n} characters', { n: LONGEST_PATTERN }) };
  const seek = regexp === '~' ? linearRegexp(body) : plainText(body);
  if ('wrong' in seek) return seek;
  const longest = regexp === '~' ? LONGEST_LINE.regexp : LONGEST_LINE.text;
  const isInverted = inverted === '!';
  return {
    source,
    matches: (text) => seek.test(text.slice(0, longest)) !== isInverted,
    places: (text) => (isInverted ? [] : seek.places(text.slice(0, longest))),
  };
}

export const isPattern = (parsed: ReturnType<typeof parsePattern>): parsed is Pattern =>
  parsed !== null && 'matches' in parsed;

/** A text in which no letter is special. Without repetitions JavaScript's own engine never backtracks either. */
function plainText(body: string): { test(text: string): boolean; places(text: string): readonly MatchSpan[] } {
  const escaped = body.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const seek = new RegExp(escaped, 'i');
  const each = new RegExp(escaped, 'gi');
  return {
    test: (text) => seek.test(text),
    places: (text) =>
      Array.from(text.matchAll(each), ({ 0: found, index }) => ({
        start: index,
        end: index + found.length,
      })),
  };
}
