import * as v from 'valibot';
import { jsonOf } from '../store/ground/json.js';
import { LONGEST_LINE, PAGE_BYTES, PartSchema } from './protocol.js';

/** A page holds so many items at most. */
const MOST_ITEMS = 500;

/** The texts of a list's items as JSON, page by page, each text made when its page is asked for. */
export function* pagesOf<T>(items: Iterable<T>, textOf: (item: T) => string = JSON.stringify): Generator<string[]> {
  let page: string[] = [];
  let bytes = 0;
  for (const item of items) {
    const text = textOf(item);
    page.push(text);
    bytes += Buffer.byteLength(text);
    if (bytes < PAGE_BYTES && page.length < MOST_ITEMS) continue;
    yield page;
    page = [];
    bytes = 0;
  }
  if (page.length > 0) yield page;
}

/** A request as lines: all pages but the last of its first list go ahead of it. */
export function requestLines(id: number, request: string, given: readonly unknown[]): readonly string[] {
  const at = given.findIndex((one) => Array.isArray(one));
  const pages = at < 0 ? [] : [...pagesOf(given[at] as readonly unknown[])];
  if (pages.length <= 1) return [JSON.stringify({ id, request, arguments: given })];
  const last = given.map((one, place) =>
    place === at ? `[${pages.at(-1)?.join(',') ?? ''}]` : JSON.stringify(one ?? null),
  );
  return [
    ...pages.slice(0, -1).map((page) => `{"id":${id},"items":[${page.join(',')}]}`),
    `{"id":${id},"request":${JSON.stringify(request)},"arguments":[${last.join(',')}]}`,
  ];
}

/** Letters of a part: at most three bytes each, and none that JSON makes longer than two. */
const PART_LENGTH = 262_144;
const PART = '{"part":';

/** A message as lines: one that is longer than a line may be goes in parts, such as the file of one account with 8 MB. */
export function linesOf(message: string): readonly string[] {
  // a letter has three bytes at most
  if (3 * message.length <= LONGEST_LINE || Buffer.byteLength(message) <= LONGEST_LINE) return [message];
  const lines: string[] = [];
  for (let from = 0; from < message.length; from += PART_LENGTH) {
    const last = from + PART_LENGTH >= message.length;
    // half of a pair of surrogates is escaped, and whole again when the parts are
    lines.push(`${PART}${JSON.stringify(message.slice(from, from + PART_LENGTH))},"last":${last}}`);
  }
  return lines;
}

/** Puts messages together that came in parts. */
export class Whole {
  private parts: string[] = [];
  private length = 0;

  /** @param most - letters that a message may have */
  constructor(private readonly most: number) {}

  /**
   * @returns the message that ends with this line; null: more of it is to come
   * @throws {RangeError} it is longer than any message of ours
   */
  of(line: string): string | null {
    const read = line.startsWith(PART) ? v.safeParse(PartSchema, jsonOf(line)) : null;
    if (read?.success !== true) return line;
    const { part, last } = read.output;
    this.parts.push(part);
    this.length += part.length;
    if (this.length > this.most) throw new RangeError('too long a message');
    if (!last) return null;
    const message = this.parts.join('');
    this.parts = [];
    this.length = 0;
    return message;
  }
}
