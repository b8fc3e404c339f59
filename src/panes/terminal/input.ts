/**
 * Between the terminal's input and the panes: a sequence that arrives in pieces is one key or none, the terminal's
 * answers about itself are no keys, and no letter of a paste is one, however the terminal sends it.
 */
import type { Readable } from 'node:stream';
import type { Clock } from '../../proxy/contract/supervisor.js';
import { isBurst, mayGoOn, QuickLetters } from './bursts.js';
import { keyOf } from './key-names.js';
import type { Key, Paste } from './keys.js';
import { pointerOf, type Pointer } from './pointer.js';
import { PasteReader, type PasteEnd } from './paste-reader.js';
import { SequenceParser, type Token } from './sequence-parser.js';

/** How long to wait after an ESC whether it begins a sequence. */
const ESCAPE_MS = 25;
/** How long the rest of a sequence may take; an unfinished one is dropped. */
const SEQUENCE_MS = 1000;
/** A paste without an end mark is over after this long without a byte. */
const STALLED_PASTE_MS = 5000;
/** What follows a paste with less silence than this belongs to it. */
const SILENCE_MS = 100;
/** Letters that came together count as keys once no more of them have followed for this long. */
const TOGETHER_MS = 20;
/** How long a terminal may take to say where its cursor is. */
const CURSOR_MS = 5000;

// Bytes are latin1 texts here: markers are ASCII, and a letter that two reads split is put together again.
const PASTE_START = '\x1b[200~';
/** The rest of a sequence whose ESC was long taken for a key. */
const LATE_REST = /^(?:\[[0-9;]*[A-Za-z~]|[\]P^_X][^\x03\x07\x1b]{0,4096}(?:\x07|\x1b\\))/;

export interface InputEvents {
  key(key: Key): void;
  paste(paste: Paste): void;
  /** The terminal answered in which column its cursor is, from 1. Called only if that was asked. */
  cursorAt?(column: number): void;
  /** The terminal answered what its background is, in the form `rgb:1e1e/1e1e/1e1e`. */
  background?(colour: string): void;
  /** A mouse acted. Told only by terminals that were asked to. */
  pointer?(pointer: Pointer): void;
  /** The terminal is gone. */
  lost(): void;
}

type Cancel = () => void;
const nothing: Cancel = () => undefined;

export class InputFilter {
  private readonly parser = new SequenceParser();
  private readonly quick = new QuickLetters();
  private paste: PasteReader | null = null;
  /** Letters that came together and may be the beginning of a paste without marks. */
  private together = '';
  private cancel: Cancel = nothing;
  private escapeAt = -Infinity;
  private cursorUntil = -Infinity;

  private readonly onData = (chunk: Buffer | string): void => this.feed(Buffer.from(chunk).toString('latin1'));
  private readonly onEnd = (): void => this.events.lost();

  constructor(
    private readonly clock: Clock,
    private readonly events: InputEvents,
  ) {}

  /** Begins to read `input`; its errors and its end mean that the terminal is gone. */
  attach(input: Readable): () => void {
    input.on('data', this.onData);
    for (const event of ['end', 'close', 'error']) input.on(event, this.onEnd);
    return () => {
      this.cancel();
      input.off('data', this.onData);
      for (const event of ['end', 'close']) input.off(event, this.onEnd);
      // The error listener stays: a terminal that goes away later must not end the process.
    };
  }

  /** The next cursor position is the answer to a question; otherwise it is taken for F3 with a modifier. */
  awaitCursor(): void {
    this.cursorUntil = this.clock.monotonic() + CURSOR_MS;
  }

  /** Takes the bytes of one read. @param bytes - as latin1 */
  feed(bytes: string): void {
    this.cancel();
    this.cancel = nothing;
    if (this.paste === null && this.parser.unfinished === 'nothing') this.begin(this.withEscape(bytes));
    else this.read(bytes);
    this.await();
  }

  /** Drops the rest of a sequence whose ESC was taken for a key. */
  private withEscape(bytes: string): string {
    const isLate = this.clock.monotonic() - this.escapeAt <= SEQUENCE_MS && LATE_REST.test(bytes);
    this.escapeAt = -Infinity;
    return isLate ? `\x1b${bytes}` : bytes;
  }

  /** A read that begins with a key, or with letters of a paste without marks. */
  private begin(bytes: string): void {
    const escape = bytes.indexOf('\x1b');
    const letters = escape < 0 ? bytes : bytes.slice(0, escape);
    const all = this.together + letters;
    this.together = '';
    const isPasted = isBurst(all) || this.quick.isBurst(letters, this.clock.monotonic());
    if (isPasted) {
      this.paste = new PasteReader('unmarked');
      this.read(all + bytes.slice(letters.length));
    } else if (escape < 0 && mayGoOn(all)) {
      this.together = all;
    } else {
      this.read(all + bytes.slice(letters.length));
    }
  }

  private read(bytes: string): void {
    let rest = bytes;
    while (rest !== '') rest = this.paste === null ? this.keys(rest) : this.pasting(this.paste, rest);
  }

  /** Reads keys up to the beginning of a paste. @returns what comes after that */
  private keys(bytes: string): string {
    for (let at = 0; at < bytes.length; at++) {
      const token = this.parser.push(bytes.charCodeAt(at));
      if (token === null) continue;
      if (isPasteStart(token)) {
        this.paste = new PasteReader('marked');
        return bytes.slice(at + 1);
      }
      this.act(token);
    }
    return '';
  }

  private act(token: Token): void {
    if (token.kind === 'csi' && this.answers(token.parameters, token.final)) return;
    const pointer = token.kind === 'csi' ? pointerOf(token.parameters, token.final) : null;
    if (pointer !== null) this.events.pointer?.(pointer);
    if (token.kind === 'string') {
      const [, colour] = token.introducer === ']' ? (/^11;(.*)$/.exec(token.text) ?? []) : [];
      if (colour !== undefined) this.events.background?.(colour);
      return;
    }
    const key = keyOf(token);
    if (key !== null) this.events.key(key);
  }

  private answers(parameters: string, final: string): boolean {
    if (this.clock.monotonic() > this.cursorUntil || final !== 'R') return false;
    const [, column] = /^\d+;(\d+)$/.exec(parameters) ?? [];
    if (column === undefined) return false;
    this.cursorUntil = -Infinity;
    this.events.cursorAt?.(Number(column));
    return true;
  }

  private pasting(paste: PasteReader, bytes: string): string {
    const rest = paste.read(bytes);
    if (rest === null) return '';
    // the next paste begins right after it
    this.finish('finished');
    this.paste = new PasteReader('marked');
    return rest;
  }

  private finish(how: PasteEnd): void {
    const { paste } = this;
    this.paste = null;
    if (paste === null) return;
    const { text, bytes, cut, endsWithInterrupt } = paste.end();
    this.events.paste({ text, bytes, cut, unfinished: how === 'unfinished' });
    if (endsWithInterrupt) this.events.key({ name: 'C-c', text: null });
  }

  /** Sets a timer for what has to be done if nothing follows. */
  private await(): void {
    const [ms, act] = this.due();
    if (ms !== null) this.cancel = this.clock.after(ms, act);
  }

  private due(): [ms: number | null, act: () => void] {
    if (this.paste !== null) {
      return this.paste.isOpen
        ? [STALLED_PASTE_MS, () => this.finish('unfinished')]
        : [SILENCE_MS, () => this.finish('finished')];
    }
    if (this.together !== '') return [TOGETHER_MS, () => this.release()];
    const { unfinished } = this.parser;
    if (unfinished === 'nothing') return [null, nothing];
    if (unfinished === 'sequence') return [SEQUENCE_MS, () => this.parser.abandon()];
    return [ESCAPE_MS, () => this.escape()];
  }

  private release(): void {
    const { together } = this;
    this.together = '';
    this.keys(together);
  }

  private escape(): void {
    this.parser.abandon();
    this.escapeAt = this.clock.monotonic();
    this.events.key({ name: 'escape', text: null });
  }
}

const isPasteStart = (token: Token): boolean =>
  token.kind === 'csi' && `\x1b[${token.parameters}${token.final}` === PASTE_START;
