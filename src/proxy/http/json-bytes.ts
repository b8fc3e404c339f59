/** JSON looked at byte by byte, where a body of megabytes is not parsed for one value of it. All of it takes time in proportion to the bytes. */

/** Bytes that JSON is told by. */
export const json = {
  tab: 9,
  newline: 10,
  carriage: 13,
  space: 32,
  quote: 34,
  comma: 44,
  colon: 58,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  openBrace: 123,
  closeBrace: 125,
} as const;

const { tab, newline, carriage, space, quote, comma, colon, backslash } = json;
const { openBracket, closeBracket, openBrace, closeBrace } = json;

/** A key in which every letter is written as an escape (`"\u006dodel"`) is six times as long. */
const LONGEST_ESCAPE = 6;

/** Where the value of a key of the object that `body` is begins; -1: it is no object, has no such key, or is no JSON up to there. */
export function valueOf(body: Buffer, key: string): number {
  for (const at of valuesOf(body, key)) return at;
  return -1;
}

/**
 * Where the values of a key begin, of which an object may have several; of a body that is nearly all one string the engine
 * skips that string at memory's speed.
 */
export function* valuesOf(body: Buffer, key: string): Generator<number, void> {
  const plain = Buffer.from(JSON.stringify(key));
  let at = afterSpace(body, 0);
  if (body[at] !== openBrace) return;
  at = afterSpace(body, at + 1);
  while (body[at] === quote) {
    const end = endOfString(body, at);
    const isIt = isKey(body.subarray(at, end), key, plain);
    at = afterSpace(body, end);
    if (body[at] !== colon) return;
    at = afterSpace(body, at + 1);
    if (isIt) yield at;
    at = afterSpace(body, endOfValue(body, at));
    if (body[at] !== comma) return;
    at = afterSpace(body, at + 1);
  }
}

function isKey(written: Buffer, key: string, plain: Buffer): boolean {
  if (written.length === plain.length) return written.equals(plain);
  if (written.length < plain.length || written.length > key.length * LONGEST_ESCAPE + 2) return false;
  return written.includes(backslash) && stringIn(written) === key;
}

/** A JSON string as text; null where it is none. */
export function stringIn(written: Buffer): string | null {
  try {
    const text: unknown = JSON.parse(written.toString('utf8'));
    return typeof text === 'string' ? text : null;
  } catch {
    return null;
  }
}

/** The index of the first byte from `start` on that is no white space. */
export function afterSpace(body: Buffer, start: number): number {
  let at = start;
  for (let byte = body[at]; byte === space || byte === newline || byte === carriage || byte === tab; byte = body[at])
    at++;
  return at;
}

/** The index behind the quote that ends the string that begins at `start`; that behind the last byte where none does. */
export function endOfString(body: Buffer, start: number): number {
  for (let end = body.indexOf(quote, start + 1); end >= 0; end = body.indexOf(quote, end + 1)) {
    let before = end - 1;
    while (body[before] === backslash) before--;
    // An even number of backslashes are escapes of one another.
    if ((end - before) % 2 === 1) return end + 1;
  }
  return body.length;
}

/** The index behind the value that begins at `start`; white space behind one that is no string, object or list counts to it. */
export function endOfValue(body: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < body.length; at++) {
    const byte = body[at];
    if (byte === quote) {
      at = endOfString(body, at) - 1;
      if (depth === 0) return at + 1;
    } else if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) {
      if (depth === 0) return at;
      depth--;
      if (depth === 0) return at + 1;
    } else if (byte === comma && depth === 0) return at;
  }
  return body.length;
}
