import { AccessEntry } from './access-log.js';
import { type AccessRecord } from './access-record.js';

/** Index of each numeric field among the numbers of an entry. */
const [TIME, LEVEL, STREAM, STATUS, MS, TTFB_MS, BYTES, TOKENS, TRIES, SERIAL] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
] as const;
const [WAITED_MS, STREAM_ERROR, COUNT, NUMBERS] = [10, 11, 12, 13] as const;

/** Index of each text field among the words of an entry. */
const [ID, METHOD, PATH, MODEL, ACCOUNT, LEFT] = [0, 1, 2, 3, 4, 5] as const;
const [KEY, IP, PROTOCOL, ASKED, GROUP, WORDS] = [6, 7, 8, 9, 10, 11] as const;

const BASE = 36;
const [ZERO, NINE, A] = [48, 57, 97] as const;

type Word = string | readonly string[] | null;

/**
 * The access log's entries that memory holds, by their numbers in the log.
 *
 * They lie field by field in two lists that are made once, and an entry object is made when somebody looks at it. As
 * objects they lived just long enough for the garbage collector to copy each of them twice and then to fill the old
 * generation: at ten thousand a second that was most of the collector's work.
 */
export class AccessRing {
  private readonly numbers: Float64Array;
  private readonly words: Word[];
  /** The part that all request ids of one run begin with: an entry keeps only the number after it, not the text. */
  private prefix = '';

  /** @param capacity - how many entries of consecutive numbers can be held */
  constructor(private readonly capacity: number) {
    this.numbers = new Float64Array(capacity * NUMBERS);
    this.words = new Array<Word>(capacity * WORDS).fill(null);
  }

  /** Holds an entry, in place of the one whose number is `capacity` smaller. */
  put(seq: number, time: number, level: number, access: AccessRecord): void {
    const { numbers, words } = this;
    const place = seq % this.capacity;
    const number = place * NUMBERS;
    numbers[number + TIME] = time;
    numbers[number + LEVEL] = level;
    numbers[number + STREAM] = access.stream ? 1 : 0;
    numbers[number + STATUS] = access.status;
    numbers[number + MS] = access.ms;
    numbers[number + TTFB_MS] = access.ttfbMs ?? NaN;
    numbers[number + BYTES] = access.bytes;
    numbers[number + TOKENS] = access.tokens ?? NaN;
    numbers[number + TRIES] = access.tries;
    numbers[number + WAITED_MS] = access.waitedMs ?? 0;
    numbers[number + STREAM_ERROR] = access.streamError ?? NaN;
    numbers[number + COUNT] = access.count ?? 1;
    const word = place * WORDS;
    const serial = this.serialOf(access.id);
    numbers[number + SERIAL] = serial;
    words[word + ID] = Number.isNaN(serial) ? access.id : this.prefix;
    words[word + METHOD] = access.method;
    words[word + PATH] = access.path;
    words[word + MODEL] = access.model;
    words[word + ACCOUNT] = access.account;
    words[word + LEFT] = access.left;
    words[word + KEY] = access.key ?? null;
    words[word + IP] = access.ip ?? null;
    words[word + PROTOCOL] = access.protocol ?? null;
    words[word + ASKED] = access.asked ?? null;
    words[word + GROUP] = access.group ?? null;
  }

  /** The number after the prefix, written in base 36; NaN: there is none. */
  private serialOf(id: string): number {
    if (this.prefix === '' || !id.startsWith(this.prefix)) this.prefix = id.slice(0, id.lastIndexOf('-') + 1);
    return numberIn(id, this.prefix.length);
  }

  /** The entry of a number that was put in and is still held. */
  at(seq: number): AccessEntry {
    const { numbers, words } = this;
    const place = seq % this.capacity;
    const number = place * NUMBERS;
    const word = place * WORDS;
    return new AccessEntry(seq, numbers[number + TIME] ?? 0, numbers[number + LEVEL] ?? 0, {
      id: idOf(words[word + ID] as string, numbers[number + SERIAL]),
      method: words[word + METHOD] as string,
      path: words[word + PATH] as string,
      model: words[word + MODEL] as string | null,
      stream: numbers[number + STREAM] === 1,
      status: numbers[number + STATUS] ?? 0,
      account: words[word + ACCOUNT] as string | null,
      ms: numbers[number + MS] ?? 0,
      ttfbMs: numberOrNull(numbers[number + TTFB_MS]),
      bytes: numbers[number + BYTES] ?? 0,
      tokens: numberOrNull(numbers[number + TOKENS]),
      tries: numbers[number + TRIES] ?? 0,
      left: words[word + LEFT] as readonly string[],
      key: words[word + KEY] as string | null,
      ip: words[word + IP] as string | null,
      protocol: words[word + PROTOCOL] as string | null,
      asked: words[word + ASKED] as string | null,
      group: words[word + GROUP] as string | null,
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
