const [
  tab,
  newline,
  carriage,
  space,
  quote,
  comma,
  colon,
  openBracket,
  backslash,
  closeBracket,
  openBrace,
  closeBrace,
] = [9, 10, 13, 32, 34, 44, 58, 91, 92, 93, 123, 125];
const MODEL = Buffer.from('"model"');
/** A key that is written with escapes is read if it is no longer than this: `"\u006dodel"` in its longest form. */
const LONGEST_KEY_BYTES = 32;
/** No model has a longer name; what does is none. */
const LONGEST_NAME_BYTES = 512;

/**
 * What a JSON object names as its own `model`; empty where it names none, or is no object.
 *
 * The bytes are gone through once and nothing is parsed: of a body of 8 MB, nearly all of it within one string, the engine
 * skips that string at memory's speed. It stops at the first `model`, and at whatever is no JSON.
 */
export function modelInBody(body: Buffer): string {
  let at = afterSpace(body, 0);
  if (body[at] !== openBrace) return '';
  at = afterSpace(body, at + 1);
  while (body[at] === quote) {
    const keyEnd = endOfString(body, at);
    const value = afterSpace(body, afterSpace(body, keyEnd) + 1);
    if (body[afterSpace(body, keyEnd)] !== colon) return '';
    if (isModel(body, at, keyEnd)) return body[value] === quote ? nameAt(body, value) : '';
    at = afterSpace(body, endOfValue(body, value));
    if (body[at] !== comma) return '';
    at = afterSpace(body, at + 1);
  }
  return '';
}

function isModel(body: Buffer, start: number, end: number): boolean {
  const length = end - start;
  if (length === MODEL.length) return body.compare(MODEL, 0, MODEL.length, start, end) === 0;
  if (length < MODEL.length || length > LONGEST_KEY_BYTES * 2) return false;
  const key = body.subarray(start, end);
  return key.includes(backslash) && textOf(key) === 'model';
}

function nameAt(body: Buffer, start: number): string {
  const end = endOfString(body, start);
  return end - start > LONGEST_NAME_BYTES ? '' : textOf(body.subarray(start, end));
}

/** A JSON string as text; empty where it is none. */
function textOf(json: Buffer): string {
  try {
    const text: unknown = JSON.parse(json.toString('utf8'));
    return typeof text === 'string' ? text : '';
  } catch {
    return '';
  }
}

function afterSpace(body: Buffer, start: number): number {
  let at = start;
  for (let byte = body[at]; byte === space || byte === newline || byte === carriage || byte === tab; byte = body[at])
    at++;
  return at;
}

/** The index behind the quote that ends the string that begins at `start`. */
function endOfString(body: Buffer, start: number): number {
  for (let end = body.indexOf(quote, start + 1); end >= 0; end = body.indexOf(quote, end + 1)) {
    let before = end - 1;
    while (body[before] === backslash) before--;
    // An even number of backslashes are escapes of one another.
    if ((end - before) % 2 === 1) return end + 1;
  }
  return body.length;
}

/** The index behind the value that begins at `start`. */
function endOfValue(body: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < body.length; at++) {
    const byte = body[at];
    if (byte === quote) at = endOfString(body, at) - 1;
    else if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) {
      if (depth === 0) return at;
      depth--;
    } else if (byte === comma && depth === 0) return at;
  }
  return body.length;
}
