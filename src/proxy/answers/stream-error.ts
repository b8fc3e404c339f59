import { beginningOf, endOfObject } from './first-event.js';

const NAME = '"error"';
/** How much before the name is looked at: `data: [{` and whatever blanks a server puts between. */
const BEFORE_BYTES = 32;
/** Google's errors have some hundred bytes. */
const LONGEST_BYTES = 4_096;
const LINE = '\n';
const LINE_FEED = LINE.charCodeAt(0);

/** What stands before the name in an event that is an error; some servers send a list within the event. */
const OPENS_EVENT = /[\r\n](?:data:[ \t]*)?\[?[ \t]*\{(?:\s|data:)*$/;
/** What stands before it in an item of a stream that is a JSON list, or of a list within the item. */
const OPENS_ITEM = /[,[]\s*\{\s*$/;
const LAST_OF_LIST = /^\s*\]?\s*$/;

/** Tells whether a stream was an error after its beginning, once it is over. */
export interface ErrorReader {
  push(chunk: Buffer): void;
  /** The error's code; null: there was none. */
  readonly code: number | null;
}

/**
 * Searches a stream, after its beginning, for an event that is an error. The event goes to the client all the same, and
 * the access record gets its code.
 */
export class StreamError implements ErrorReader {
  /** The last bytes, where they are not the end of an event; a stream begins with a line. */
  private edge = LINE;
  /** What may be an error, from its name on; empty: there was none. */
  private found = '';

  /** @param isEvents - whether the stream is `text/event-stream`; else it is a JSON list */
  constructor(private readonly isEvents: boolean) {}

  /** The error's code, of an error in a list once the stream has ended; null: there was none. */
  get code(): number | null {
    if (this.found === '') return null;
    const error = `{${this.found.replace(/[\r\n]+data:/g, '\n')}`;
    const end = endOfObject(error);
    if (!this.isEvents && end >= 0 && !LAST_OF_LIST.test(error.slice(end))) return null;
    const beginning = beginningOf(error, false, true);
    return typeof beginning === 'string' ? null : beginning.status;
  }

  push(chunk: Buffer): void {
    if (this.found !== '' && this.found.length < LONGEST_BYTES)
      this.found += chunk.toString('latin1', 0, LONGEST_BYTES);
    const isSplit = this.edge.length > 1 && (this.edge + chunk.toString('latin1', 0, NAME.length)).includes(NAME);
    if (isSplit || chunk.includes(NAME, 0, 'latin1')) this.search(this.edge + chunk.toString('latin1'));
    if (this.isEvents && endsEvent(chunk)) this.edge = LINE;
    else
      this.edge = (this.edge + chunk.toString('latin1', Math.max(0, chunk.length - BEFORE_BYTES))).slice(-BEFORE_BYTES);
  }

  private search(text: string): void {
    const opens = this.isEvents ? OPENS_EVENT : OPENS_ITEM;
    for (let at = text.indexOf(NAME); at >= 0; at = text.indexOf(NAME, at + 1)) {
      if (opens.test(text.slice(Math.max(0, at - BEFORE_BYTES), at))) this.found = text.slice(at, at + LONGEST_BYTES);
    }
  }
}

/** Whether a chunk ends with an empty line. */
function endsEvent(chunk: Buffer): boolean {
  const { length } = chunk;
  return chunk[length - 1] === LINE_FEED && (chunk[length - 2] === LINE_FEED || chunk[length - 3] === LINE_FEED);
}

/** The same of a stream that is packed: it is looked through when somebody asks, which is after the client has all of it. */
export class PackedStreamError implements ErrorReader {
  /** @param usage - keeps the stream, so that its bytes need not be kept twice */
  constructor(
    private readonly usage: { readonly unpackedBody: () => Buffer | null },
    private readonly isEvents: boolean,
  ) {}

  get code(): number | null {
    const body = this.usage.unpackedBody();
    if (body === null) return null;
    const reader = new StreamError(this.isEvents);
    reader.push(body);
    return reader.code;
  }

  push(): void {
    // the usage has the bytes
  }
}
