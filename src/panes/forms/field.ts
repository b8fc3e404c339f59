/** A line of text being edited. Our own, because blessed's loses and doubles input and has no cursor keys. */
import type { Key } from '../terminal/keys.js';
import { span, type Span } from '../text/lines.js';
import { FILLER, letters } from '../text/cells.js';
import { sanitise } from '../text/text.js';

export class Field {
  private content = '';
  private position = 0;

  /** @param limit - the most characters that it takes */
  constructor(readonly limit: number) {}

  get text(): string {
    return this.content;
  }
  get cursor(): number {
    return this.position;
  }

  set(text: string): void {
    this.content = text.slice(0, this.limit);
    this.position = this.content.length;
  }

  clear(): void {
    this.set('');
  }

  /** Inserts text at the cursor; false, and nothing done, where it would be too long. */
  insert(text: string): boolean {
    if (this.content.length + text.length > this.limit) return false;
    this.content = this.content.slice(0, this.position) + text + this.content.slice(this.position);
    this.position += text.length;
    return true;
  }

  /** Edits as the key says; false where the key does not edit. */
  key({ name, text }: Key): boolean {
    if (text !== null) return this.insert(text) || true;
    const act = Object.hasOwn(edits, name) ? edits[name] : undefined;
    if (act === undefined) return false;
    [this.content, this.position] = act(this.content, this.position);
    return true;
  }

  /** The text with the cursor in it, its tail in sight, in at most `width` cells. */
  spans(width: number): Span[] {
    const next = stepFrom(this.content, this.position);
    const under = sanitise(this.content.slice(this.position, next)) || ' ';
    const room = Math.max(0, width - under.length);
    const before = tail(sanitise(this.content.slice(0, this.position)), room);
    const after = head(sanitise(this.content.slice(next)), room - before.length);
    return [span(before), span(under, 'cursor'), span(after)];
  }
}

/** The last cells of a text, without half of a wide letter. */
function tail(text: string, cells: number): string {
  const cut = cells <= 0 ? '' : text.slice(-cells);
  return cut.startsWith(FILLER) ? cut.slice(1) : cut;
}

/** The first cells of a text, without half of a wide letter. */
function head(text: string, cells: number): string {
  const cut = text.slice(0, Math.max(0, cells));
  return text[cut.length] === FILLER ? cut.slice(0, -1) : cut;
}

/** Where the letter at `at` ends, with all that stands on it: marks, the other half of an emoji, the vowels of Hangul taken apart. */
function stepFrom(text: string, at: number): number {
  const found = letters().segment(text).containing(at);
  return found === undefined ? at + 1 : found.index + found.segment.length;
}

/** Where the letter before `at` begins. */
function stepBefore(text: string, at: number): number {
  return at <= 0
    ? 0
    : (letters()
        .segment(text)
        .containing(at - 1)?.index ?? at - 1);
}

type Edit = (text: string, at: number) => [string, number];

const toLeft: Edit = (text, at) => [text, stepBefore(text, at)];
const toRight: Edit = (text, at) => [text, Math.min(text.length, stepFrom(text, at))];
const toStart: Edit = (text) => [text, 0];
const toEnd: Edit = (text) => [text, text.length];

const edits: Readonly<Record<string, Edit>> = {
  left: toLeft,
  right: toRight,
  'C-b': toLeft,
  'C-f': toRight,
  home: toStart,
  'C-a': toStart,
  end: toEnd,
  'C-e': toEnd,
  backspace: (text, at) => [text.slice(0, stepBefore(text, at)) + text.slice(at), stepBefore(text, at)],
  delete: (text, at) => [text.slice(0, at) + text.slice(stepFrom(text, at)), at],
  'C-u': () => ['', 0],
  'C-k': (text, at) => [text.slice(0, at), at],
  'C-w'(text, at) {
    const start = text.slice(0, at).replace(/\S+\s*$/, '').length;
    return [text.slice(0, start) + text.slice(at), start];
  },
};
