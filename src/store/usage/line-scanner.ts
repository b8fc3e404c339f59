import { usageNames, usageNumbers } from './usage-line.js';

const [QUOTE, BACKSLASH, NEW_LINE, CLOSE, ZERO, NINE] = [0x22, 0x5c, 0x0a, 0x7d, 0x30, 0x39];
const NAMES = usageNames.length;
/** A whole number of more digits may not be exact. */
const MOST_DIGITS = 15;
/** Of FNV-1a; the basis as a number of 32 bits with a sign, so that no hash ever needs memory of its own. */
const [HASH_BASIS, HASH_PRIME] = [0x811c9dc5 | 0, 0x01000193];

/** What stands before each value, in the order in which lines are written. */
const heads: readonly Buffer[] = [...usageNames, ...usageNumbers].map((name, at) => {
  const open = at === 0 ? '{' : at <= NAMES ? '",' : ',';
  return Buffer.from(`${open}"${name}":${at < NAMES ? '"' : ''}`);
});

const lengths = heads.map(({ length }) => length);
/** Four bytes are compared at once: the words of all heads, the last of each being its last four bytes. */
const words = Int32Array.from(
  heads.flatMap((head) => {
    const last = head.length - 4;
    return Array.from({ length: Math.ceil(last / 4) + 1 }, (_, at) => head.readInt32LE(Math.min(4 * at, last)));
  }),
);

/** Plain ASCII only: what is written otherwise has to be decoded. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/**
 * Reads the lines of a usage file as this program writes them, out of its bytes: many times as fast as JSON's parser
 * and a schema, which read whatever is written otherwise.
 */
export class LineScanner {
  readonly numbers = new Float64Array(usageNumbers.length);
  /** A hash of the names that lines are told apart by, of the line that was scanned last. */
  hash = 0;
  private readonly starts = new Int32Array(NAMES);
  private readonly ends = new Int32Array(NAMES);
  private readonly isHashed = new Uint8Array(NAMES);
  /** Whose bytes, unlike those of a list, cannot be missing: reading one is a single step. */
  private readonly view: DataView;
  /** Behind the last line that has an end: that end stops whatever is read up to it. */
  readonly length: number;

  /** @param places - in `usageNames`, of the names that lines are told apart by */
  constructor(
    private readonly bytes: Buffer,
    private readonly places: readonly number[],
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.length = bytes.lastIndexOf(NEW_LINE) + 1;
    for (const place of places) this.isHashed[place] = 1;
  }

  /** The text of a name in the line that was scanned last. @param at - its place in `usageNames` */
  name(at: number): string {
    return this.bytes.toString('latin1', this.starts[at], this.ends[at]);
  }

  /** Whether the line that was scanned last is of this day. */
  isDay(day: string): boolean {
    const start = this.starts[0] ?? 0;
    if ((this.ends[0] ?? 0) - start !== day.length) return false;
    for (let at = 0; at < day.length; at++) if (this.view.getUint8(start + at) !== day.charCodeAt(at)) return false;
    return true;
  }

  /** The names that lines are told apart by, each with the end of a line behind it. */
  id(): string {
    let id = '';
    for (const place of this.places) id += `${this.name(place)}\n`;
    return id;
  }

  /** Whether `id()` would be this. */
  isId(id: string): boolean {
    const { view, starts, ends } = this;
    let at = 0;
    for (const place of this.places) {
      const end = ends[place] ?? 0;
      for (let from = starts[place] ?? 0; from < end; from++)
        if (view.getUint8(from) !== id.charCodeAt(at++)) return false;
      if (id.charCodeAt(at++) !== NEW_LINE) return false;
    }
    return at === id.length;
  }

  /** Where the line behind the one at `from` begins, whose values are at hand then; -1: this is no such line. */
  scan(from: number): number {
    const { view, numbers } = this;
    let at = from;
    let word = 0;
    this.hash = HASH_BASIS;
    for (let field = 0; field < lengths.length; field++) {
      const start = at + (lengths[field] ?? 0);
      if (start >= this.length) return -1;
      for (; at < start - 4; at += 4) if (view.getInt32(at, true) !== words[word++]) return -1;
      if (view.getInt32(start - 4, true) !== words[word++]) return -1;
      at = start;
      if (field < NAMES) {
        at = this.text(field, start);
        if (view.getUint8(at) !== QUOTE) return -1;
      } else {
        let value = 0;
        for (let byte = view.getUint8(at); byte >= ZERO && byte <= NINE; byte = view.getUint8(++at))
          value = value * 10 + byte - ZERO;
        const digits = at - start;
        if (digits === 0 || digits > MOST_DIGITS || (digits > 1 && view.getUint8(start) === ZERO)) return -1;
        numbers[field - NAMES] = value;
      }
    }
    return view.getUint8(at) === CLOSE && view.getUint8(at + 1) === NEW_LINE ? at + 2 : -1;
  }

  /** The first place from which on a text would have to be decoded, or its end. */
  private text(name: number, from: number): number {
    const { view } = this;
    let at = from;
    if (this.isHashed[name] === 1) {
      let { hash } = this;
      for (let byte = view.getUint8(at); isPlain[byte] === 1; byte = view.getUint8(++at))
        hash = Math.imul(hash ^ byte, HASH_PRIME);
      this.hash = Math.imul(hash ^ NEW_LINE, HASH_PRIME);
    } else while (isPlain[view.getUint8(at)] === 1) at++;
    this.starts[name] = from;
    this.ends[name] = at;
    return at;
  }
}
