/**
 * What the supervisor told in English, in the tongue of whoever reads it: every screen of it may have another one, and
 * scripts read it too, so it goes over the socket and into the log in English, and is read here by its sentences.
 * Words of others in it, as Google's, stay as they are.
 */
import type { Spoken } from '../ground/errors.js';
import { BoundedMap } from '../ground/bounded-map.js';
import { joinedParts, textParts, type TextPart } from './catalogue/text-parts.js';
import { spokenCatalogue, type Catalogue } from './tongue.js';

/** What stands in the place of a placeholder of these names: a number, with its sign, a duration, or a list. */
const matching: ReadonlyMap<string, string> = new Map(
  Object.entries({ n: '([+-]?[\\d.,]+)', span: '(\\d[\\w. ]*|a moment)', names: '([^;]+)' }),
);
/** What may stand in the place of any other one. */
const WORDS = '(.+?)';

/** A sentence with placeholders. */
interface Sentence {
  /** Matches the English of it, a group for each placeholder. */
  readonly english: RegExp;
  readonly names: readonly string[];
  readonly parts: readonly TextPart[];
}

/** Results, since the same texts come in frame after frame. */
const MOST_KNOWN = 5_000;
const known = new BoundedMap<string, string>(MOST_KNOWN);
/** Clauses, and what is none. */
const knownClauses = new BoundedMap<string, string | null>(MOST_KNOWN);
/** A text with more of them is taken apart without trying what belongs together. */
const MOST_CLAUSES = 10;

interface Reading {
  readonly of: Catalogue;
  readonly plain: ReadonlyMap<string, string>;
  /** Those with the most letters first: what they say is the surest. */
  readonly sentences: readonly Sentence[];
}

let reading: Reading | null = null;

function readingOf(of: Catalogue): Reading {
  const all = Object.entries(of.sentences);
  const lettersOf = ([english]: readonly [string, string]): number => english.replace(/\{\w+\}/g, '').length;
  return {
    of,
    plain: new Map(all),
    sentences: all
      .filter(([english]) => english.includes('{'))
      .sort((a, b) => lettersOf(b) - lettersOf(a))
      .map(([english, text]) => ({
        english: new RegExp(
          `^${english
            .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
            .replace(/\{(\w+)\}/g, (_, name: string) => matching.get(name) ?? WORDS)}$`,
          's',
        ),
        names: Array.from(english.matchAll(/\{(\w+)\}/g), ([, name = '']) => name),
        parts: textParts(text),
      })),
  };
}

/** Between the clauses of a text. */
const JOINT = '; ';
/** Between the parts of one that is no sentence as a whole. */
const DOT = ' · ';
/** Between the parts of a list; not those in parentheses, which belong to one of them. */
const COMMA = /, (?![^()]*\))/;

/** `5m`, `3h28m`: a duration of up to two units, and how each is written where it stands alone. */
const COMPACT = /^(?:\d+[dhms]){1,2}$/;
const units: ReadonlyMap<string, string> = new Map(Object.entries({ d: 'd', h: 'h', m: 'min', s: 's' }));

/** A word that stands before what is told of it. */
const NAME = /^[\w.@+-]+$/;

/** What stands in parentheses at the end, with further ones in it; the last ones alone. */
const NESTED = /^([^()]+) \(([^()]+ \([^()]+\))\)$/s;
const LAST = /^(.+) \(([^()]+)\)$/s;

/** The text in the language that is spoken, as far as its sentences are known. */
export const told = (text: string): Spoken => inOwnTongue(text) as Spoken;

function inOwnTongue(text: string): string {
  const catalogue = spokenCatalogue();
  if (catalogue === null || text === '') return text;
  if (reading?.of !== catalogue) {
    reading = readingOf(catalogue);
    known.clear();
    knownClauses.clear();
  }
  const before = known.get(text);
  if (before !== undefined) return before;
  const said = inTurn(text, reading);
  known.set(text, said);
  return said;
}

function inTurn(text: string, { of, plain, sentences }: Reading): string {
  if (COMPACT.test(text)) return text.match(/\d+|\D/g)?.reduce(inUnits, '') ?? text;
  const isShort = text.split(JOINT, MOST_CLAUSES + 1).length <= MOST_CLAUSES;
  const whole =
    (isShort ? clauses(text, { of, plain, sentences }) : null) ?? plain.get(text) ?? sentence(text, sentences);
  if (whole !== null) return whole;
  // `regrant: words`, `anna@example.com: words`; `words: words of Google`, which may hold joints of their own
  const [, head = '', rest = ''] = /^(.+?): (.+)$/s.exec(text) ?? [];
  const first = plain.get(head) ?? sentence(head, sentences) ?? undefined;
  const last = rest === '' ? null : (plain.get(rest) ?? sentence(rest, sentences));
  if (first !== undefined || last !== null) return `${first ?? head}: ${last ?? told(rest)}`;
  if (text.includes(JOINT)) return text.split(JOINT).map(inOwnTongue).reduce(of.clauses);
  if (text.includes(DOT)) return text.split(DOT).map(told).join(DOT);
  if (rest !== '' && NAME.test(head)) return `${head}: ${told(rest)}`;
  // `words (more words)`, `words (more words (and more))`
  const [, outer = '', inner = ''] = NESTED.exec(text) ?? LAST.exec(text) ?? [];
  const isOne = !COMMA.test(outer) || clause(outer, { of, plain, sentences }) !== null;
  if (inner !== '' && isOne) return `${told(outer)} (${told(inner)})`;
  const list = text.split(COMMA);
  return list.length > 1 ? list.map(told).join(', ') : text;
}

/** `3`, `h`, `28`, `m`, one after the other, as `3 hours 28 minutes` is written. */
const inUnits = (before: string, part: string): string => {
  const unit = units.get(part);
  if (unit === undefined) return before === '' ? part : `${before} ${part}`;
  const [number = '', ...larger] = before.split(' ').reverse();
  return [...larger.reverse(), told(`${number} ${unit}`)].join(' ');
};

/**
 * A text of several clauses, the longest that is a sentence first, since what is between two of them would fit into a
 * placeholder of the first too; null: it is one clause, or has one that is not known.
 */
function clauses(text: string, reading: Reading): string | null {
  for (let end = text.length; end > 0; end = text.lastIndexOf(JOINT, end - 1)) {
    const first = clause(text.slice(0, end), reading);
    if (first === null) continue;
    if (end === text.length) return first;
    const rest = clauses(text.slice(end + JOINT.length), reading);
    return rest === null ? null : reading.of.clauses(first, rest);
  }
  return null;
}

/** A sentence of which no value has a joint in it that is not its own; null: it is none. */
function clause(text: string, reading: Reading): string | null {
  const { plain, sentences } = reading;
  const before = knownClauses.get(text);
  if (before !== undefined) return before;
  const isWhole = (value: string): boolean => !value.includes(JOINT) || clause(value, reading) !== null;
  const found = plain.get(text) ?? sentence(text, sentences, isWhole);
  knownClauses.set(text, found);
  return found;
}

/** A sentence with its values, which are read likewise; null: it is none that is known, with such values. */
function sentence(
  text: string,
  sentences: readonly Sentence[],
  mayBe: (value: string) => boolean = () => true,
): string | null {
  for (const { english, names, parts } of sentences) {
    const values = english.exec(text);
    if (values?.slice(1).every(mayBe) === true)
      return joinedParts(parts, new Map(names.map((name, at) => [name, told(values[at + 1] ?? '')])));
  }
  return null;
}
