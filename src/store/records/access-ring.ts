import { AccessEntry, type Alike } from './access-log.js';
import { type AccessRecord } from './access-record.js';

/** Index of each numeric field among the numbers of an entry. */
const [TIME, LEVEL, MS, TTFB_MS, BYTES, TOKENS, TRIES, SERIAL, WAITED_MS, STREAM_ERROR, COUNT, NUMBERS] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
] as const;

/** Index of each other field among those of an entry. */
const [ID, ALIKE, ACCOUNT, LEFT, OTHERS] = [0, 1, 2, 3, 4] as const;

const BASE = 36;
const [ZERO, NINE, A] = [48, 57, 97] as const;

type Other = string | readonly string[] | Alike | null;

/** What an entry is made of. */
export interface AccessParts {
  /** ms since 1970. */
  readonly time: number;
  readonly level: number;
  readonly access: AccessRecord;
  /** What the request has in common with others: held once for all of them. */
  readonly alike: Alike;
}

/**
 * The access log's entries that memory holds, by their numbers in the log.
 *
 * They lie field by field in two lists that are made once, and an entry object is made when somebody looks at it. As
 * objects they lived just long enough for the garbage collector to copy each of them twice and then to fill the old
 * generation: at ten thousand a second that was most of the collector's work. What a request has in common with others
 * is one object for all: each field of an entry more is memory that no cache has when its turn comes.
 */
export class AccessRing {
  private readonly numbers: Float64Array;
  private readonly others: Other[];
  /** The part that all request ids of one run begin with: an entry keeps only the number after it, not the text. */
  private prefix = '';

  /** @param capacity - how many entries of consecutive numbers can be held */
  constructor(private readonly capacity: number) {
    this.numbers = new Float64Array(capacity * NUMBERS);
    this.others = new Array<Other>(capacity * OTHERS).fill(null);
  }

  /** Holds an entry, in place of the one whose number is `capacity` smaller. */
  put(seq: number, { time, level, access, alike }: AccessParts): void {
    const { numbers, others } = this;
    const place = seq % this.capacity;
    const number = place * NUMBERS;
    const serial = this.serialOf(access.id);
    numbers[number + TIME] = time;
    numbers[number + LEVEL] = level;
    numbers[number + MS] = access.ms;
    numbers[number + TTFB_MS] = access.ttfbMs ?? NaN;
    numbers[number + BYTES] = access.bytes;
    numbers[number + TOKENS] = access.tokens ?? NaN;
    numbers[number + TRIES] = access.tries;
    numbers[number + SERIAL] = serial;
    numbers[number + WAITED_MS] = access.waitedMs ?? 0;
    numbers[number + STREAM_ERROR] = access.streamError ?? NaN;
    numbers[number + COUNT] = access.count ?? 1;
    const other = place * OTHERS;
    others[other + ID] = Number.isNaN(serial) ? access.id : this.prefix;
    others[other + ALIKE] = alike;
    others[other + ACCOUNT] = access.account;
    others[other + LEFT] = access.left;
  }

  /** The number after the prefix, written in base 36; NaN: there is none. */
  private serialOf(id: string): number {
    if (this.prefix === '' || !id.startsWith(this.prefix)) this.prefix = id.slice(0, id.lastIndexOf('-') + 1);
    return numberIn(id, this.prefix.length);
  }

  /** The entry of a number that was put in and is still held. */
  at(seq: number): AccessEntry {
    const { numbers, others } = this;
    const place = seq % this.capacity;
    const number = place * NUMBERS;
    const other = place * OTHERS;
    return new AccessEntry(seq, numbers[number + TIME] ?? 0, numbers[number + LEVEL] ?? 0, {
      ...(others[other + ALIKE] as Alike),
      id: idOf(others[other + ID] as string, numbers[number + SERIAL]),
      account: others[other + ACCOUNT] as string | null,
      ms: numbers[number + MS] ?? 0,
      ttfbMs: numberOrNull(numbers[number + TTFB_MS]),
      bytes: numbers[number + BYTES] ?? 0,
      tokens: numberOrNull(numbers[number + TOKENS]),
      tries: numbers[number + TRIES] ?? 0,
      left: others[other + LEFT] as readonly string[],
      waitedMs: numbers[number + WAITED_MS] ?? 0,
      streamError: numberOrNull(numbers[number + STREAM_ERROR]),
      count: numbers[number + COUNT] ?? 1,
    });
  }
}

/** The digits of a number of at most this many are exact. */
const EXACT_DIGITS = 10;

/**
 * The number that the rest of a text is in base 36, written in its only way; NaN: it is none. (`parseInt` and the way
 * back to compare take ten times as long, for every request.)
 */
function numberIn(text: string, from: number): number {
  const digits = text.length - from;
  if (digits === 0 || digits > EXACT_DIGITS || (digits > 1 && text.charCodeAt(from) === ZERO)) return NaN;
  let number = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const digit = code >= A ? code - A + 10 : code <= NINE ? code - ZERO : -1;
    if (digit < 0 || digit >= BASE) return NaN;
    number = number * BASE + digit;
  }
  return number;
}

const idOf = (word: string, serial = NaN): string => (Number.isNaN(serial) ? word : word + serial.toString(BASE));

const numberOrNull = (held = NaN): number | null => (Number.isNaN(held) ? null : held);
