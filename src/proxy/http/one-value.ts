import { CodedError } from '../../store/ground/errors.js';
import { json } from './json-bytes.js';

/** A body that is put inside our JSON ends before its last byte: the rest would be taken for part of ours. */
export class BodyNotOneValue extends CodedError {
  readonly code = 'BODY_NOT_ONE_VALUE';

  constructor() {
    super("the request's body is not one JSON value");
  }
}

/**
 * Checks that bytes, cut anywhere, are one JSON value with nothing after it. Other faults in the JSON are not noticed.
 */
export class OneValue {
  private depth = 0;
  private state: 'before' | 'within' | 'behind' = 'before';
  private inString = false;
  private escaped = false;

  /** @throws {BodyNotOneValue} */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at++) {
      if (this.inString) at = this.pushString(chunk, at);
      else this.step(chunk[at] ?? 0);
    }
  }

  /** @returns the index of the last byte that was read */
  private pushString(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      if (this.escaped) this.escaped = false;
      else if (chunk[at] === json.backslash) this.escaped = true;
      else if (chunk[at] === json.quote) {
        this.inString = false;
        if (this.depth === 0) this.state = 'behind';
        return at;
      }
    }
    return chunk.length;
  }

  private step(byte: number): void {
    if (byte <= json.space) return;
    if (this.state === 'behind') throw new BodyNotOneValue();
    this.state = 'within';
    if (byte === json.quote) this.inString = true;
    else if (byte === json.openBrace || byte === json.openBracket) this.depth++;
    else if (byte === json.closeBrace || byte === json.closeBracket) {
      this.depth--;
      if (this.depth < 0) throw new BodyNotOneValue();
      if (this.depth === 0) this.state = 'behind';
    } else if (this.depth === 0 && (byte === json.comma || byte === json.colon)) throw new BodyNotOneValue();
  }
}
