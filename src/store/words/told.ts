/**
 * What the supervisor told in English, in the tongue of whoever reads it: every screen of it may have another one, and
 * scripts read it too, so it goes over the socket and into the log in English, and is read here by its sentences.
 * Words of others in it, as Google's, stay as they are.
 */
import type { Spoken } from '../ground/errors.js';
import { BoundedMap } from '../ground/bounded-map.js';
import { joinedParts, textParts, type TextPart } from './catalogue/text-parts.js';
import { spokenCatalogue, type Catalogue } from './tongue.js';

/** What stands in the place of a placeholder of these names: a number, with its sign, or a duration. */
const matching: ReadonlyMap<string, string> = new Map(
  Object.entries({ n: '([+-]?[\\d.,]+)', span: '(\\d[\\w. ]*|a moment)' }),
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

/** Where a text may be taken apart that is no sentence as a whole. */
const JOINTS = ['; ', ' · '] as const;

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
  }
  const before = known.get(text);
  if (before !== undefined) return before;
  const said = inTurn(text, reading);
  known.set(text, said);
  return said;
}

function inTurn(text: string, { plain, sentences }: Reading): string {
  const whole = plain.get(text) ?? sentence(text, sentences);
  if (whole !== null) return whole;
  // `regrant: words`, `anna@example.com: words`; `words: words of Google`, which may hold joints of their own
  const [, head = '', rest = ''] = /^(.+?): (.+)$/s.exec(text) ?? [];
  const first = plain.get(head);
  const last = rest === '' ? null : (plain.get(rest) ?? sentence(rest, sentences));
  if (first !== undefined || last !== null) return `${first ?? head}: ${last ?? told(rest)}`;
  const joint = JOINTS.find((each) => text.includes(each));
  if (joint !== undefined) return text.split(joint).map(told).join(joint);
  if (rest !== '' && NAME.test(head)) return `${head}: ${told(rest)}`;
  // `words (more words)`, `words (more words (and more))`
  const [, outer = '', inner = ''] = NESTED.exec(text) ?? LAST.exec(text) ?? [];
  if (inner !== '') return `${told(outer)} (${told(inner)})`;
  return text.includes(', ') ? text.split(', ').map(told).join(', ') : text;
}

/** A sentence with its values, which are read likewise; null: it is none that is known. */
function sentence(text: string, sentences: readonly Sentence[]): string | null {
  for (const { english, names, parts } of sentences) {
    const values = english.exec(text);
    if (values !== null)
      return joinedParts(parts, new Map(names.map((name, at) => [name, told(values[at + 1] ?? '')])));
  }
  return null;
}
