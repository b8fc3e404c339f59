import { isJsonObject, jsonOf } from '../../../../store/ground/json.js';
import type { GeminiAnswerPart, GeminiCandidate, GeminiEvent } from '../gemini/gemini.js';

const NEW_LINE = 0x0a;
const RETURN = 0x0d;
const DATA = 'data:';
/** In characters. The nesting of shorter texts is not checked: a text has at most half as many levels as characters. */
const SHORT = 2_000;

/** A stream of Gemini's has something in it that is no event. */
export class NotAnEvent extends Error {
  readonly code = 'NOT_AN_EVENT';

  constructor() {
    super('the upstream sent an event that is not JSON');
  }
}

/**
 * Reads the events from the bytes of an SSE stream, wherever its chunks break. Up to the end of a line there are only
 * whole characters, so all lines of a chunk are decoded at once; only the incomplete line at its end is kept.
 */
export class EventReader {
  private rest: Buffer | null = null;
  /** The data of an event that has come so far; it may be written over several lines. */
  private begun = '';

  /** @throws {NotAnEvent} */
  push(chunk: Buffer): GeminiEvent[] {
    const { length } = chunk;
    // Nearly always a chunk ends with an event.
    const end = chunk[length - 1] === NEW_LINE ? length : chunk.lastIndexOf(NEW_LINE) + 1;
    const events: GeminiEvent[] = [];
    if (end > 0) {
      const text = this.rest === null ? chunk.toString('utf8', 0, end) : joined(this.rest, chunk, end).toString();
      this.rest = null;
      this.lines(text, events);
    }
    if (end < length) this.keep(chunk.subarray(end));
    return events;
  }

  /** The stream has ended; its last line may lack its end. @throws {NotAnEvent} */
  end(): GeminiEvent[] {
    const events: GeminiEvent[] = [];
    const last = this.rest?.toString() ?? '';
    this.line(last, 0, last.length, events);
    this.rest = null;
    if (this.begun !== '') throw new NotAnEvent();
    return events;
  }

  /** Keeps a copy, since a part of a chunk would keep the whole socket read in memory. */
  private keep(bytes: Buffer): void {
    this.rest = this.rest === null ? Buffer.from(bytes) : joined(this.rest, bytes, bytes.length);
  }

  private lines(text: string, events: GeminiEvent[]): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.line(text, from, end, events);
      from = end + 1;
    }
  }

  /** @param end - of the line, before its LF */
  private line(text: string, from: number, end: number, events: GeminiEvent[]): void {
    const last = end > from && text.charCodeAt(end - 1) === RETURN ? end - 1 : end;
    if (last === from) {
      if (this.begun !== '') throw new NotAnEvent();
    } else if (text.startsWith(DATA, from)) this.payload(text.slice(from + DATA.length, last), events);
  }

  private payload(line: string, events: GeminiEvent[]): void {
    const text = this.begun === '' ? line : `${this.begun}\n${line}`;
    const value = text.length < SHORT ? parsed(text) : jsonOf(text);
    this.begun = value === null ? text : '';
    if (value !== null) events.push(eventOf(value));
  }
}

/** Parses JSON; the nesting of a short text is not checked, since it can do no harm. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

const joined = (first: Buffer, second: Buffer, end: number): Buffer => Buffer.concat([first, second.subarray(0, end)]);

/** An event, or a whole answer, taken out of Code Assist's envelope if it is in one. */
export function eventOf(value: unknown): GeminiEvent {
  const plain: unknown = Array.isArray(value) ? value[0] : value;
  if (!isJsonObject(plain)) return {};
  return isJsonObject(plain.response) ? plain.response : plain;
}

const NONE: readonly never[] = [];
/** The objects in a list. Nearly always all items are objects: the list is copied only where one is not. */
const objectsIn = <T>(list: readonly T[]): readonly T[] =>
  list.every(isJsonObject) ? list : list.filter(isJsonObject);

/** The candidates of an event that are objects. */
export const candidatesOf = ({ candidates }: GeminiEvent): readonly GeminiCandidate[] =>
  Array.isArray(candidates) ? objectsIn<GeminiCandidate>(candidates) : NONE;

/** The parts of a candidate in this event. */
export function answerParts({ content }: GeminiCandidate): readonly GeminiAnswerPart[] {
  const parts: unknown = isJsonObject(content) ? content.parts : undefined;
  return Array.isArray(parts) ? objectsIn<GeminiAnswerPart>(parts) : NONE;
}
