/** What is typed after `/`: a plain text, `!` before it for all that lacks it, `~` for a regular expression. */

import { sanitise } from './text.js';

/** A regular expression over a long line can take minutes: neither may be longer than this. */
const LONGEST_PATTERN = 200;
const LONGEST_LINE = 4096;

export interface Pattern {
  /** As typed. */
  readonly source: string;
  matches(text: string): boolean;
  /** Where it first stands in `text`; null where it does not, or where the pattern is inverted. */
  find(text: string): { readonly start: number; readonly end: number } | null;
}

/** The pattern meant by `source`, null for an empty one, or what is wrong with it in one line. */
export function parsePattern(source: string): Pattern | null | { readonly wrong: string } {
  // it is held against text by the cell
  const [, inverted = '', regex = '', body = ''] = /^(!?)(~?)(.*)$/s.exec(sanitise(source)) ?? [];
  if (body === '') return null;
  if (body.length > LONGEST_PATTERN) return { wrong: `a filter may have ${LONGEST_PATTERN} characters` };
  let seek: RegExp;
  try {
    seek = new RegExp(regex === '~' ? body : body.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
  } catch {
    return { wrong: `not a regular expression: ${body}` };
  }
  const found = (text: string): RegExpExecArray | null => seek.exec(text.slice(0, LONGEST_LINE));
  const isInverted = inverted === '!';
  return {
    source,
    matches: (text) => (found(text) === null) === isInverted,
    find(text) {
      const hit = isInverted ? null : found(text);
      return hit === null || hit[0] === '' ? null : { start: hit.index, end: hit.index + hit[0].length };
    },
  };
}

export const isPattern = (parsed: ReturnType<typeof parsePattern>): parsed is Pattern =>
  parsed !== null && 'matches' in parsed;
