import { ownValue } from '../../store/ground/json.js';
import { json, stringAsRead } from './json-bytes.js';

/** Where strings stand in a JSON object: keys in camelCase, `[]` for the elements of a list. */
export interface Places {
  readonly [key: string]: Places | 'here';
}

/** Longer strings pass unread: they are none of those that are replaced. */
const LONGEST_BYTES = 3_072;

/** A list or an object that leads to a place. */
interface Container {
  readonly node: Places;
  readonly isList: boolean;
}

type Place = Places | 'here' | undefined;

/**
 * Replaces strings at certain places of a JSON object that comes in pieces, cut anywhere. All other bytes pass as they
 * are; nothing is parsed, and nothing is kept but a string that may be replaced. It reads what Google reads: keys in
 * camelCase or with underscores, and beside JSON proper strings in single quotes and keys without any.
 */
export class ReplacedStrings {
  /** Whether any was replaced. */
  hasReplaced = false;
  private readonly within: Container[] = [];
  /** How deep it is in containers that lead to no place. */
  private beside = 0;
  /** The place of the value after a key. */
  private next: Place;
  private awaitsKey = false;
  private string: 'key' | 'value' | 'other' | null = null;
  /** The quotation mark that ends it; null: it is a key without. */
  private mark: number | null = null;
  /** What has come of a key or value. */
  private read: Buffer[] = [];
  private readBytes = 0;
  /** How many backslashes the string's last piece ended with. */
  private backslashes = 0;

  /**
   * @param replace - given a string, returns what is to stand there, or the same string; what it throws, `push` throws
   */
  constructor(
    private readonly places: Places,
    private readonly replace: (string: string) => string,
  ) {}

  /** @returns the bytes that can be passed on now */
  push(piece: Buffer): readonly Buffer[] {
    const out: Buffer[] = [];
    let passed = 0;
    for (let at = 0; at < piece.length; at++) {
      if (this.string === null) {
        this.step(piece[at] ?? 0);
        if (!this.isInValue()) continue;
        out.push(piece.subarray(passed, at));
        passed = at + 1;
      } else {
        const isValue = this.isInValue();
        const { mark } = this;
        const end = mark === null ? endOfName(piece, at) : this.endOfString(piece, at, mark);
        const stop = end < 0 ? piece.length : mark === null ? end : end + 1;
        this.keep(piece.subarray(at, stop), out);
        if (end >= 0) this.endString(out);
        if (isValue) passed = stop;
        at = stop - 1;
      }
    }
    if (passed < piece.length) out.push(piece.subarray(passed));
    return out;
  }

  /** No more comes. @returns the bytes that were held back */
  end(): readonly Buffer[] {
    return this.isInValue() ? this.read : [];
  }

  private isInValue(): boolean {
    return this.string === 'value';
  }

  private step(byte: number): void {
    if (byte === json.quote || byte === json.apostrophe) this.beginString(byte, byte);
    else if (byte === json.openBrace || byte === json.openBracket) this.enter(byte === json.openBracket);
    else if (byte === json.closeBrace || byte === json.closeBracket) this.leave();
    else if (byte === json.comma && this.beside === 0) {
      this.awaitsKey = this.within.at(-1)?.isList === false;
      this.next = undefined;
    } else if (this.awaitsKey && this.beside === 0 && isOfName(byte)) this.beginString(byte, null);
  }

  private enter(isList: boolean): void {
    const node = this.place;
    if (node === undefined || node === 'here') {
      this.beside++;
      return;
    }
    this.within.push({ node, isList });
    this.awaitsKey = !isList;
  }

  private leave(): void {
    if (this.beside > 0) this.beside--;
    else this.within.pop();
    this.awaitsKey = false;
    this.next = undefined;
  }

  /** The place of the value that begins now. */
  private get place(): Place {
    if (this.beside > 0) return undefined;
    const container = this.within.at(-1);
    if (container === undefined) return this.places;
    return container.isList ? ownValue(container.node, '[]') : this.next;
  }

  private beginString(first: number, mark: number | null): void {
    const isKey = this.awaitsKey && this.beside === 0;
    this.string = isKey ? 'key' : this.place === 'here' ? 'value' : 'other';
    if (isKey) this.next = undefined;
    this.awaitsKey = false;
    this.mark = mark;
    this.read = [Buffer.of(first)];
    this.readBytes = 1;
    this.backslashes = 0;
  }

  /** The index of the quotation mark that ends the string; -1: it goes on in the next piece. */
  private endOfString(piece: Buffer, from: number, mark: number): number {
    for (let start = from; ;) {
      const quote = piece.indexOf(mark, start);
      const end = quote < 0 ? piece.length : quote;
      let before = end - 1;
      while (before >= start && piece[before] === json.backslash) before--;
      const carried = before < start && start === from ? this.backslashes : 0;
      this.backslashes = end - 1 - before + carried;
      if (quote < 0 || this.backslashes % 2 === 0) return quote;
      this.backslashes = 0;
      start = quote + 1;
    }
  }

  private keep(part: Buffer, out: Buffer[]): void {
    if (this.string === 'other') return;
    this.read.push(part);
    this.readBytes += part.length;
    if (this.readBytes <= LONGEST_BYTES) return;
    if (this.isInValue()) out.push(...this.read);
    this.string = 'other';
  }

  private endString(out: Buffer[]): void {
    const { string } = this;
    this.string = null;
    if (string === 'other') return;
    const written = Buffer.concat(this.read);
    const text = this.mark === null ? written.toString('utf8') : stringAsRead(written);
    const container = this.within.at(-1);
    if (string === 'key') {
      if (text !== null && container !== undefined) this.next = ownValue(container.node, inCamelCase(text));
      return;
    }
    const replaced = text === null ? null : this.replace(text);
    this.hasReplaced ||= replaced !== text;
    out.push(replaced === text || replaced === null ? written : Buffer.from(JSON.stringify(replaced)));
  }
}

/** Whether a byte may be of a key without quotation marks. */
const isOfName = (byte: number): boolean =>
  (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f;

/** The index after a key without quotation marks; -1: it may go on in the next piece. */
const endOfName = (piece: Buffer, from: number): number => {
  for (let at = from; at < piece.length; at++) if (!isOfName(piece[at] ?? 0)) return at;
  return -1;
};

const inCamelCase = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
