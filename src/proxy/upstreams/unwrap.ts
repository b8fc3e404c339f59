import { json } from '../http/json-bytes.js';
import type { Rewriting } from './upstream.js';

const { quote, backslash, openBrace, closeBrace, openBracket, closeBracket, comma, colon, space } = json;
/** How much may be held while a `response` is looked for: what comes before it is some hundred bytes. */
const MOST_HELD_BYTES = 1_048_576;
const RESPONSE = Buffer.from('"response"');

/**
 * Takes `response` out of the objects around it: in a JSON answer, in each element of a list and in each event of an
 * SSE stream, wherever the chunks break. Bytes outside of objects, and objects without a `response` (errors), pass
 * unchanged. Works on the bytes: nothing is parsed, nothing copied.
 */
export class Unwrap implements Rewriting {
  /** Bytes of the current object, held as long as it may turn out to have no `response`. */
  private held: Buffer[] = [];
  private heldBytes = 0;
  private state: 'outside' | 'before' | 'within' | 'after' | 'whole' = 'outside';
  private depth = 0;
  private inString = false;
  private escaped = false;
  /** How much of `"response"` the current string has matched; -1: it is another string. */
  private matched = -1;
  /** `"response"` was read, and a colon after it makes it the key. */
  private named = false;
  private expectsKey = false;
  /** The value of `response` follows; white space before it belongs to the envelope. */
  private valueBegins = false;

  push(chunk: Buffer): readonly Buffer[] {
    const out: Buffer[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.valueBegins && byte <= space) {
        from = at + 1;
        continue;
      }
      this.valueBegins = false;
      const before = this.state;
      this.step(byte);
      if (this.state === before) continue;
      if (before === 'outside') out.push(chunk.subarray(from, at));
      else if (before === 'within') out.push(trimmed(chunk.subarray(from, at)));
      else if (before === 'whole') out.push(chunk.subarray(from, at + 1));
      else if (before === 'before' && this.state === 'outside') out.push(...this.held, chunk.subarray(from, at + 1));
      if (before === 'before') {
        this.held = [];
        this.heldBytes = 0;
      }
      from = before === 'outside' ? at : at + 1;
    }
    const rest = chunk.subarray(from);
    if (this.state === 'before') return [...out, ...this.hold(rest)].filter(({ length }) => length > 0);
    if (this.state !== 'after') out.push(rest);
    return out.filter(({ length }) => length > 0);
  }

  /** An object that is too long to be searched for a `response` passes unchanged. */
  private hold(rest: Buffer): readonly Buffer[] {
    this.held.push(rest);
    this.heldBytes += rest.length;
    if (this.heldBytes <= MOST_HELD_BYTES) return [];
    this.heldBytes = 0;
    this.state = 'whole';
    return this.held.splice(0);
  }

  end(): readonly Buffer[] {
    const { held } = this;
    this.held = [];
    return held;
  }

  private step(byte: number): void {
    if (this.inString) this.stepString(byte);
    else if (this.state === 'outside') {
      if (byte === openBrace) {
        this.state = 'before';
        this.depth = 1;
        this.expectsKey = true;
      }
    } else this.stepValue(byte);
  }

  private stepString(byte: number): void {
    if (this.escaped) this.escaped = false;
    else if (byte === backslash) {
      this.escaped = true;
      this.matched = -1;
      return;
    } else if (byte === quote) {
      this.inString = false;
      this.named = this.matched === RESPONSE.length - 1;
      return;
    }
    if (this.matched >= 0) this.matched = RESPONSE[this.matched] === byte ? this.matched + 1 : -1;
  }

  private stepValue(byte: number): void {
    if (byte === quote) {
      this.inString = true;
      this.matched = this.state === 'before' && this.depth === 1 && this.expectsKey ? 1 : -1;
      this.named = false;
    } else if (byte === openBrace || byte === openBracket) this.depth++;
    else if (byte === closeBrace || byte === closeBracket) {
      this.depth--;
      if (this.depth === 0) this.state = 'outside';
    } else if (this.depth === 1 && byte === colon) {
      this.expectsKey = false;
      if (this.state === 'before' && this.named) {
        this.state = 'within';
        this.valueBegins = true;
      }
    } else if (this.depth === 1 && byte === comma) {
      this.expectsKey = true;
      if (this.state === 'within') this.state = 'after';
    }
  }
}

/** The value without the white space around it, which belongs to the envelope. */
function trimmed(value: Buffer): Buffer {
  let end = value.length;
  while (end > 0 && (value[end - 1] ?? 0) <= space) end--;
  return value.subarray(0, end);
}
