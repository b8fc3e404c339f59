/**
 * What stands between the terminal's input and blessed, which knows no bracketed paste and takes every read for whole:
 * a marker or an arrow key that arrives in two pieces would cancel the form or type its tail into it, and a pasted line
 * end would run the rest as commands.
 */
import { PassThrough, type Readable } from 'node:stream';
import type { Clock } from '../../proxy/contract/supervisor.js';
import type { Paste } from './keys.js';

/** How long an ESC may be the start of something longer. */
const ESCAPE_HOLD_MS = 30;
/** How long the rest of a sequence may take; an unfinished one is no key and is dropped. */
const SEQUENCE_HOLD_MS = 300;
/** After an ESC that was let go, this long a `[200~` is taken for its late rest. */
const LATE_REST_MS = 1000;
/** A paste whose end never comes is over after this long without a byte. */
const PASTE_TIMEOUT_MS = 2000;
/** What of a paste is kept; the rest is only counted. */
const PASTE_KEPT_BYTES = 16_384;
/** More printable bytes than this in one read were not typed. */
const BURST_BYTES = 20;

const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';

// All of this is bytes as latin1: markers are ASCII, and a character cut in two by a read comes together again.
const UNFINISHED = /^\x1b(?:\[\[?[0-9:;<=>?]*[ -/]*|O[0-9;]*)?$/;
const SEQUENCE = /^\x1b(?:\[\[?[0-9:;<=>?]*[ -/]*[@-~]|O[0-9;]*[A-Za-z])/;
/**
 * What no hand types: a terminal's late answer to whatever ran here before (OSC, DCS and their like, up to BEL or ST), and
 * the mouse that it left on (X10: three bytes after `[M`). As keys, their letters would be commands.
 */
const TOLD = /^\x1b(?:[\]P^_X][^\x03\x07\x1b]{0,4096}(?:\x07|\x1b\\)|\[M[^]{3})/;
const UNFINISHED_TOLD = /^\x1b(?:[\]P^_X][^\x03\x07\x1b]{0,4096}\x1b?|\[M[^]{0,2})$/;
/** Alt and a letter that might have begun one. */
const ALT_LETTER = /^\x1b[\]P^_X]$/;
/** The answer to a question of ours; an F3 with modifiers is told the same way, and is no key of ours. */
const CURSOR_REPORT = /^\x1b\[\d+;(\d+)R$/;
const LATE_REST = /^(?:\[[0-9;]*[A-Za-z~]|[\]P^_X][^\x03\x07\x1b]{0,4096}(?:\x07|\x1b\\))/;

export interface InputEvents {
  paste(paste: Paste): void;
  /** The terminal answered where its cursor stands: the column, from 1. Left out, such an answer is a key like any other. */
  cursorAt?(column: number): void;
  /** The terminal is gone. */
  lost(): void;
}

type Cancel = () => void;
const nothing: Cancel = () => undefined;

export class InputFilter {
  /** What blessed reads: a key or a sequence a chunk. */
  readonly output = new PassThrough();
  private held = '';
  private paste: { kept: string; bytes: number } | null = null;
  private cancel: Cancel = nothing;
  private escapeAt = -Infinity;

  private readonly onData = (chunk: Buffer | string): void => this.feed(Buffer.from(chunk).toString('latin1'));
  private readonly onEnd = (): void => this.events.lost();

  constructor(
    private readonly clock: Clock,
    private readonly events: InputEvents,
  ) {}

  /** Starts reading `input`; errors of it and its end mean that the terminal is gone. */
  attach(input: Readable): () => void {
    input.on('data', this.onData);
    for (const event of ['end', 'close', 'error']) input.on(event, this.onEnd);
    return () => {
      this.cancel();
      input.off('data', this.onData);
      for (const event of ['end', 'close']) input.off(event, this.onEnd);
      // The error listener stays: a terminal that goes away later must not take the process along.
    };
  }

  /** @param bytes - as latin1 */
  feed(bytes: string): void {
    this.cancel();
    let rest = this.held + bytes;
    this.held = '';
    if (this.paste === null) rest = this.lateRest(rest);
    while (rest !== '') rest = this.paste === null ? this.keys(rest) : this.pasting(rest);
  }

  /** The rest of a sequence whose ESC was let go as a key: no text, whatever it says. */
  private lateRest(bytes: string): string {
    const late = this.clock.monotonic() - this.escapeAt <= LATE_REST_MS ? LATE_REST.exec(bytes) : null;
    this.escapeAt = -Infinity;
    return late === null ? bytes : `\x1b${bytes}`;
  }

  private keys(bytes: string): string {
    const escape = bytes.indexOf('\x1b');
    if (escape < 0) return this.plain(bytes);
    if (escape > 0) this.plain(bytes.slice(0, escape));
    const rest = bytes.slice(escape);
    const told = TOLD.exec(rest)?.[0];
    if (told !== undefined) return rest.slice(told.length);
    if (UNFINISHED.test(rest) || UNFINISHED_TOLD.test(rest)) return this.hold(rest);
    const sequence = SEQUENCE.exec(rest)?.[0];
    if (sequence === undefined) {
      this.emit('\x1b');
      return rest.slice(1);
    }
    const column = CURSOR_REPORT.exec(sequence)?.[1];
    if (column !== undefined && this.events.cursorAt !== undefined) this.events.cursorAt(Number(column));
    else if (sequence === PASTE_START) this.paste = { kept: '', bytes: 0 };
    else if (sequence !== PASTE_END) this.emit(sequence);
    if (sequence === PASTE_START) this.awaitEnd();
    return rest.slice(sequence.length);
  }

  private hold(bytes: string): string {
    this.held = bytes;
    this.cancel = this.clock.after(bytes === '\x1b' ? ESCAPE_HOLD_MS : SEQUENCE_HOLD_MS, () => {
      this.held = '';
      if (bytes === '\x1b') this.escapeAt = this.clock.monotonic();
      else if (!ALT_LETTER.test(bytes)) return;
      for (const key of bytes) this.emit(key);
    });
    return '';
  }

  /** Typed letters and control keys; so many at once that they were pasted by a terminal without bracketed paste. */
  private plain(bytes: string): string {
    const stop = bytes.indexOf('\x03');
    const text = stop < 0 ? bytes : bytes.slice(0, stop);
    if (isBurst(text)) this.tell(text, text.length, 'finished');
    else if (text !== '') this.emit(text);
    if (stop < 0) return '';
    this.emit('\x03');
    return bytes.slice(stop + 1);
  }

  private pasting(bytes: string): string {
    const end = bytes.indexOf(PASTE_END);
    if (end >= 0) {
      this.keep(bytes.slice(0, end));
      this.finish('finished');
      return bytes.slice(end + PASTE_END.length);
    }
    // The last bytes may be the start of the end.
    const tail = partOfEnd(bytes);
    this.keep(bytes.slice(0, bytes.length - tail));
    this.held = bytes.slice(bytes.length - tail);
    this.awaitEnd();
    return '';
  }

  private awaitEnd(): void {
    this.cancel = this.clock.after(PASTE_TIMEOUT_MS, () => {
      this.held = '';
      this.finish('unfinished');
    });
  }

  private keep(bytes: string): void {
    if (this.paste === null) return;
    this.paste.bytes += bytes.length;
    this.paste.kept += bytes.slice(0, Math.max(0, PASTE_KEPT_BYTES - this.paste.kept.length));
  }

  private finish(how: 'finished' | 'unfinished'): void {
    if (this.paste === null) return;
    const { kept, bytes } = this.paste;
    this.paste = null;
    this.tell(kept, bytes, how);
  }

  private tell(kept: string, bytes: number, how: 'finished' | 'unfinished'): void {
    const text = Buffer.from(kept, 'latin1').toString('utf8');
    this.events.paste({ text, bytes, cut: bytes > kept.length, unfinished: how === 'unfinished' });
  }

  private emit(bytes: string): void {
    this.output.write(Buffer.from(bytes, 'latin1'));
  }
}

/** How many of the last bytes may belong to an end marker that is still on its way. */
function partOfEnd(bytes: string): number {
  for (let length = Math.min(PASTE_END.length - 1, bytes.length); length > 0; length--) {
    if (bytes.endsWith(PASTE_END.slice(0, length))) return length;
  }
  return 0;
}

/** A key held down also sends many bytes at once on a slow line, but the same few again and again. */
function isBurst(bytes: string): boolean {
  const printable = bytes.replace(/[\x00-\x1f\x7f]/g, '');
  return printable.length > BURST_BYTES && new Set(printable).size > 3;
}
