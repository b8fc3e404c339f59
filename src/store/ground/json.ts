import { MOST_LEVELS, tooDeepAt } from './json-depth.js';

/** A JSON object as read from disk: keys we know and keys we do not. */
export type JsonObject = Record<string, unknown>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value of a key that the object itself has; a property of its prototype (`constructor`) does not count. */
export const ownValue = <T>(object: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** Sets a key, `__proto__` too: a plain assignment to that would set the prototype instead. */
export const setOwn = (object: Record<string, unknown>, key: string, value: unknown): void =>
  void Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });

/**
 * A text is not JSON. Carries the position only: the engine's own message quotes the text, and with it any secret
 * there.
 */
export class NotJson extends Error {
  readonly code = 'NOT_JSON';

  /** @param line - where the text stops being acceptable JSON, from 1 */
  constructor(
    readonly line: number,
    isTooDeep = false,
  ) {
    super(`${isTooDeep ? `nested more than ${MOST_LEVELS} levels deep` : 'not JSON'}, see line ${line}`);
  }
}

/** @throws {NotJson} also where it is nested too deep */
export function parseJson(text: string): unknown {
  const deep = tooDeepAt(text);
  if (deep !== null) throw new NotJson(lineOf(text, deep), true);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new NotJson(lineOf(text, faultAt(text)));
  }
}

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/** The text of a JSON file without the byte order mark that Antigravity Tools has left in some. */
export const withoutMark = (text: string): string => (text.startsWith('\uFEFF') ? text.slice(1) : text);

/**
 * The value of a foreign text that is JSON and not nested too deep; null: it is not, and the caller does not need to
 * know where.
 */
export function jsonOf(text: string): unknown {
  if (tooDeepAt(text) !== null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

const TOKEN =
  /[ \t\n\r]*(?:(?<text>"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(?<plain>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|(?<mark>[{}[\],:]))/y;

/** What may come next: a value; a value or `]`; a key; a key or `}`; a colon; a comma or the closing bracket. */
type Expected = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'more';

/**
 * Index at which a text stops being JSON. The engine tells it for some faults only, in words that differ by version.
 */
function faultAt(text: string): number {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  TOKEN.lastIndex = 0;
  for (;;) {
    const start = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.groups;
    if (token === undefined) return start + (/^\s*/.exec(text.slice(start))?.[0].length ?? 0);
    const next = after(token.text !== undefined ? 'text' : (token.mark ?? 'plain'), expected, open);
    if (next === null) return TOKEN.lastIndex;
    expected = next;
  }
}

/**
 * What is expected after a token; null: the token itself was not expected. Keeps `open`, the brackets that are open, up
 * to date.
 */
function after(token: string, expected: Expected, open: ('{' | '[')[]): Expected | null {
  const takesValue = expected === 'value' || expected === 'first value';
  const takesKey = expected === 'key' || expected === 'first key';
  const inside = open.at(-1);
  switch (token) {
    case 'text':
      return takesKey ? 'colon' : takesValue ? 'more' : null;
    case 'plain':
      return takesValue ? 'more' : null;
    case '{':
    case '[':
      if (!takesValue) return null;
      open.push(token);
      return token === '{' ? 'first key' : 'first value';
    case '}':
    case ']':
      if (inside !== (token === '}' ? '{' : '[')) return null;
      if (expected !== 'more' && !expected.startsWith('first')) return null;
      open.pop();
      return 'more';
    case ':':
      return expected === 'colon' ? 'value' : null;
    default:
      if (expected !== 'more' || inside === undefined) return null;
      return inside === '{' ? 'key' : 'value';
  }
}
