import { isJsonObject, jsonOf } from '../../../../store/ground/json.js';
import type { GeminiAnswerPart, GeminiCandidate, GeminiEvent } from '../gemini/gemini.js';

const NEW_LINE = 10;
const RETURN = 13;
const DATA = 'data:';

/** Compared byte by byte: a call into the engine's own comparison costs more than five bytes do. */
function isData(bytes: Buffer, from: number): boolean {
  for (let i = 0; i < DATA.length; i++) if (bytes[from + i] !== DATA.charCodeAt(i)) return false;
  return true;
}

/** A stream of Gemini's says something that is no event of it. */
export class NotAnEvent extends Error {
  readonly code = 'NOT_AN_EVENT';

  constructor() {
    super('the upstream sent an event that is not JSON');
  }
}

/**
 * Reads the events out of the bytes of an SSE stream, wherever its chunks break. Lines are found in the bytes, and only
 * the payload of `data:` is ever decoded; of a chunk nothing is kept but the line that it breaks off.
 */
export class EventReader {
  private rest: Buffer | null = null;
  /** Payload of an event that is written over several lines. */
  private begun = '';

  /** @throws {NotAnEvent} */
  push(chunk: Buffer): GeminiEvent[] {
    const events: GeminiEvent[] = [];
    let from = 0;
    let end = chunk.indexOf(NEW_LINE);
    if (this.rest !== null && end !== -1) {
      const line = Buffer.concat([this.rest, chunk.subarray(0, end)]);
      this.rest = null;
      this.line(line, 0, line.length, events);
      from = end + 1;
      end = chunk.indexOf(NEW_LINE, from);
    }
    for (; end !== -1; end = chunk.indexOf(NEW_LINE, from)) {
      this.line(chunk, from, end, events);
      from = end + 1;
    }
    if (from < chunk.length) this.keep(chunk.subarray(from));
    return events;
  }

  /** The stream is over, and its last line may lack its end. @throws {NotAnEvent} */
  end(): GeminiEvent[] {
    const events: GeminiEvent[] = [];
    if (this.rest !== null) this.line(this.rest, 0, this.rest.length, events);
    this.rest = null;
    if (this.begun !== '') throw new NotAnEvent();
    return events;
  }

  /** A copy: what is kept must not hold on to a whole read of the socket. */
  private keep(bytes: Buffer): void {
    this.rest = this.rest === null ? Buffer.from(bytes) : Buffer.concat([this.rest, bytes]);
  }

  private line(bytes: Buffer, from: number, end: number, events: GeminiEvent[]): void {
    const last = end > from && bytes[end - 1] === RETURN ? end - 1 : end;
    if (last === from) {
      if (this.begun !== '') throw new NotAnEvent();
      return;
    }
    if (!isData(bytes, from)) return;
    const payload = bytes.toString('utf8', from + DATA.length, last);
    const text = this.begun === '' ? payload : `${this.begun}\n${payload}`;
    const value = jsonOf(text);
    this.begun = value === null ? text : '';
    if (value !== null) events.push(eventOf(value));
  }
}

/** An event, or a whole answer, out of the envelope of Code Assist where it is in one. */
export function eventOf(value: unknown): GeminiEvent {
  const plain: unknown = Array.isArray(value) ? value[0] : value;
  if (!isJsonObject(plain)) return {};
  return isJsonObject(plain.response) ? plain.response : plain;
}

/** The candidates of an event that are any. */
export function candidatesOf({ candidates }: GeminiEvent): readonly GeminiCandidate[] {
  return Array.isArray(candidates) ? candidates.filter(isJsonObject) : [];
}

/** What a candidate says with this event. */
export function answerParts({ content }: GeminiCandidate): readonly GeminiAnswerPart[] {
  const parts: unknown = isJsonObject(content) ? content.parts : undefined;
  return Array.isArray(parts) ? parts.filter(isJsonObject) : [];
}
