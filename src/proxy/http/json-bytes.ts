/**
 * Searches JSON byte by byte, where parsing a body of megabytes would be too much for one of its values. Everything
 * here takes time in proportion to the bytes.
 */

/** The bytes of JSON's punctuation. */
export const json = {
  tab: 9,
  newline: 10,
  carriage: 13,
  space: 32,
  quote: 34,
  apostrophe: 39,
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

/** How much longer a key can be if every letter is written as an escape (`"\u006dodel"`). */
const LONGEST_ESCAPE = 6;

/**
 * Where the value of a key of the top-level object begins; -1: the body is no object, has no such key, or is no JSON up
 * to there.
 */
export function valueOf(body: Buffer, key: string): number {
  for (const at of valuesOf(body, key)) return at;
  return -1;
}

/**
 * Where the values of a key begin; an object may have the same key several times. Where a body is nearly all one
 * string, the engine's own search skips that at memory's speed.
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

const PROPER_ESCAPE = /^\\["\\/bfnrtu]$/;

/**
 * A string as Google's parser reads it, which takes more than JSON: single quotes, and a backslash before any character
 * (protobuf, `json_stream_parser.cc`, `ParseStringHelper`). null: it is none.
 */
export function stringAsRead(written: Buffer): string | null {
  const proper = stringIn(written);
  if (proper !== null) return proper;
  const inner = written.subarray(1, -1).toString('utf8');
  const text = inner.replace(/\\[^]|"/g, (part) =>
    part === '"' ? '\\"' : PROPER_ESCAPE.test(part) ? part : part.slice(1),
  );
  return stringIn(Buffer.from(`"${text}"`));
}

/** The index of the first byte from `start` on that is no white space. */
export function afterSpace(body: Buffer, start: number): number {
  let at = start;
  for (let byte = body[at]; byte === space || byte === newline || byte === carriage || byte === tab; byte = body[at])
    at++;
  return at;
}

/**
 * The index after the quotation mark that ends the string that begins at `start`; the end of the bytes if there is
 * none.
 */
export function endOfString(body: Buffer, start: number): number {
  for (let end = body.indexOf(quote, start + 1); end >= 0; end = body.indexOf(quote, end + 1)) {
    let before = end - 1;
    while (body[before] === backslash) before--;
    // The quotation mark is escaped only by an odd number of backslashes before it.
    if ((end - before) % 2 === 1) return end + 1;
  }
  return body.length;
}

/** The index after the value that begins at `start`; white space after a number or a literal counts as part of it. */
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
