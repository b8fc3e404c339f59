/** A line of text being edited. Our own, because blessed's loses and doubles input and has no cursor keys. */
import type { Key } from '../terminal/keys.js';
import { span, type Span } from '../text/lines.js';
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
    const before = sanitise(this.content.slice(0, this.position)).slice(-room || Infinity);
    const after = sanitise(this.content.slice(next)).slice(0, Math.max(0, room - before.length));
    return [span(before), span(under, 'cursor'), span(after)];
  }
}

/** Where the letter at `at` ends: an emoji has two units. */
const stepFrom = (text: string, at: number): number => at + String.fromCodePoint(text.codePointAt(at) ?? 0x20).length;
/** Where the letter before `at` begins. */
const stepBefore = (text: string, at: number): number =>
  Math.max(0, at - (/[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(0, at)) ? 2 : 1));

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
