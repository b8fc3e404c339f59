import { randomBytes } from 'node:crypto';
import { isJsonObject, NotJson, parseJson, withoutMark, type JsonObject } from './json.js';

/**
 * JSON whose numbers keep every digit. JavaScript's own parser rounds a number of more than 15 significant digits or
 * one that is too large (`12345678901234567890`, `1e400`), which would quietly change another program's key. While the
 * object is in memory such a number is a string that begins with this mark.
 */
const MARK = `\u0000${randomBytes(9).toString('base64url')}:`;

/**
 * Finds texts that may have such a number. Cheap, and true for nearly no file: only then is the text read token by
 * token.
 */
const MAYBE_INEXACT = /[\d.]{16}|\d[eE]/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const MARKED = new RegExp(`"\\\\u0000${MARK.slice(1)}([^"]*)"`, 'g');

/**
 * The object in the text of a file, which may begin with a byte order mark. @throws {NotJson} also where it is no
 * object
 */
export function parseExactly(file: string): JsonObject {
  const text = withoutMark(file);
  const json = parseJson(MAYBE_INEXACT.test(text) ? text.replace(STRING_OR_NUMBER, marked) : text);
  if (!isJsonObject(json)) throw new NotJson(1);
  return json;
}

/** The text of a file: two spaces a level, a newline at its end. */
export function printExactly(json: JsonObject): string {
  const text = `${JSON.stringify(json, null, 2)}\n`;
  return text.includes(MARK.slice(1)) ? text.replace(MARKED, '$1') : text;
}

const marked = (token: string): string =>
  token.startsWith('"') || isExact(token) ? token : `"${escapedMark}${token}"`;

const escapedMark = `\\u0000${MARK.slice(1)}`;

function isExact(literal: string): boolean {
  const number = Number(literal);
  const digits = literal
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '');
  if (!Number.isFinite(number) || (number === 0 && digits !== '')) return false;
  return digits.length <= 15 || String(number) === literal;
}
