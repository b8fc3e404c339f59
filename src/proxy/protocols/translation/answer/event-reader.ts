import type { GeminiEvent } from '../gemini/gemini.js';
import { EventPattern } from './event-pattern.js';
import { SHORT, eventOf, payloadValue } from './events.js';

const NEW_LINE = 0x0a;
const RETURN = 0x0d;
const DATA = 'data:';
/** The longest event that is read: pictures of four candidates fit. */
const LONGEST_EVENT_BYTES = 134_217_728;
/** A buffer below this is kept for the next line, one above is given back. */
const KEPT_BYTES = 65_536;
/**
 * So many events in a row that do not fit the pattern are only parsed, since a short answer is not worth a pattern;
 * from the second number on none is looked for, since the answer has none.
 */
const [FEW, MANY] = [2, 8];

/** A stream of Gemini's has something in it that is no event. */
export class NotAnEvent extends Error {
  readonly code = 'NOT_AN_EVENT';

  constructor(what: 'not JSON' | 'too large') {
    super(`the upstream sent an event that is ${what}`);
  }
}

const NO_BYTES = Buffer.alloc(0);

/**
 * Reads the events from the bytes of an SSE stream, wherever its chunks break. Up to the end of a line there are only
 * whole characters, so all lines of a chunk are decoded at once; only the incomplete line at its end is kept.
 */
export class EventReader {
  /** The line whose end has not come yet: the first `filled` bytes. */
  private rest = NO_BYTES;
  private filled = 0;
  /** The data of an event that is written over several lines, as far as it has come. */
  private begun = '';
  private pattern: EventPattern | null = null;
  /** Events since the last one that fitted the pattern. */
  private unfamiliar = 0;

  /** @param mostBytes - the longest event */
  constructor(private readonly mostBytes = LONGEST_EVENT_BYTES) {}

  /** @throws {NotAnEvent} */
  push(chunk: Buffer): GeminiEvent[] {
    const { length } = chunk;
    // Nearly always a chunk ends with an event.
    const end = chunk[length - 1] === NEW_LINE ? length : chunk.lastIndexOf(NEW_LINE) + 1;
    const events: GeminiEvent[] = [];
    if (end > 0) {
      if (this.filled > 0) this.keep(chunk.subarray(0, end));
      this.lines(this.filled > 0 ? this.taken() : chunk.toString('utf8', 0, end), events);
    }
    if (end < length) this.keep(chunk.subarray(end));
    return events;
  }

  /** The stream has ended; its last line may lack its end. @throws {NotAnEvent} */
  end(): GeminiEvent[] {
    const events: GeminiEvent[] = [];
    const last = this.taken();
    this.line(last, 0, last.length, events);
    this.whole(events);
    return events;
  }

  /**
   * Keeps a copy, since a part of a chunk would keep the whole socket read in memory. The room doubles, so that a long
   * line in small pieces is not copied once for each.
   */
  private keep(bytes: Buffer): void {
    const length = this.filled + bytes.length;
    if (length > this.mostBytes) throw new NotAnEvent('too large');
    if (length > this.rest.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.rest.length));
      this.rest.copy(larger, 0, 0, this.filled);
      this.rest = larger;
    }
    bytes.copy(this.rest, this.filled);
    this.filled = length;
  }

  /** The text that was kept, which is forgotten. */
  private taken(): string {
    const text = this.rest.toString('utf8', 0, this.filled);
    this.filled = 0;
    if (this.rest.length > KEPT_BYTES) this.rest = NO_BYTES;
    return text;
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
    if (last === from) this.whole(events);
    else if (text.startsWith(DATA, from)) this.payload(text, from + DATA.length, last, events);
  }

  /** Nearly always a line is an event. Where it is none, it goes on in the next lines, until an empty one. */
  private payload(text: string, from: number, to: number, events: GeminiEvent[]): void {
    if (this.begun === '') {
      const event = this.event(text, from, to);
      if (event === null) this.begun = text.slice(from, to);
      else events.push(event);
      return;
    }
    if (this.begun.length + to - from > this.mostBytes) throw new NotAnEvent('too large');
    this.begun = `${this.begun}\n${text.slice(from, to)}`;
  }

  /** The event in a part of a text; null: it is not JSON. */
  private event(text: string, from: number, to: number): GeminiEvent | null {
    const isShort = to - from < SHORT;
    const familiar = isShort && this.pattern !== null ? this.pattern.read(text, from, to) : null;
    if (familiar !== null) {
      this.unfamiliar = 0;
      return familiar;
    }
    const payload = text.slice(from, to);
    const value = payloadValue(payload);
    if (value === null) return null;
    const event = eventOf(value);
    this.unfamiliar++;
    if (isShort && this.unfamiliar > FEW && this.unfamiliar < MANY)
      this.pattern = EventPattern.of(payload, event) ?? this.pattern;
    return event;
  }

  /** An event that was written over several lines is whole. */
  private whole(events: GeminiEvent[]): void {
    if (this.begun === '') return;
    const value = payloadValue(this.begun);
    if (value === null) throw new NotAnEvent('not JSON');
    this.begun = '';
    events.push(eventOf(value));
  }
}
