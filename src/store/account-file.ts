import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { accountOf, UnreadableAccount, type Account } from './account.js';
import { reasonOf, systemCode } from './errors.js';
import { isJsonObject, NotJson, parseJson, type JsonObject } from './json.js';

/** An account file of this size is no account file; reading it whole could take all memory. */
const LARGEST_BYTES = 8 * 1024 * 1024;

/** What one look at an account file found. */
export type FileContent =
  | { readonly kind: 'account'; readonly bytes: Buffer; readonly json: JsonObject; readonly account: Account }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'gone' };

/**
 * Reads an account file in one go, without giving way to anything else in this process; never throws for what is in it.
 * Some 20 µs for a file that the system holds in memory, where a promise for each step takes six to sixteen times as long.
 */
export function readAccountFile(file: string, id: string): FileContent {
  try {
    const bytes = readBytes(file);
    return typeof bytes === 'string' ? { kind: 'unreadable', reason: bytes } : contentOf(bytes, id);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' && !id.includes('\uFFFD')) return { kind: 'gone' };
    if (code === 'ENOENT') return { kind: 'unreadable', reason: 'its name is not UTF-8' };
    return { kind: 'unreadable', reason: code === 'ENXIO' ? 'no regular file' : reasonOf(error) };
  }
}

/** The bytes, or why they were not even read: a pipe would block for ever, a huge file fill the memory. */
function readBytes(file: string): Buffer | string {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(fd);
    return unfit(found) ?? readToEnd(fd, found.size);
  } finally {
    closeSync(fd);
  }
}

function unfit(found: Stats): string | null {
  if (!found.isFile()) return found.isDirectory() ? 'a directory' : 'no regular file';
  if (found.size <= LARGEST_BYTES) return null;
  return `${Math.round(found.size / 1_048_576)} MB is too large for an account file`;
}

/** All bytes of an open file from its start; `expected` is only a guess at their number. */
export function readToEnd(fd: number, expected: number): Buffer {
  let buffer = Buffer.allocUnsafe(expected + 1);
  let length = 0;
  for (;;) {
    const read = readSync(fd, buffer, length, buffer.length - length, length);
    length += read;
    // a regular file gives less than was asked for at its end only
    if (length < buffer.length || length > LARGEST_BYTES) return buffer.subarray(0, length);
    buffer = Buffer.concat([buffer], 2 * length);
  }
}

/** What the bytes of an account file say. */
export function contentOf(bytes: Buffer, id: string): Exclude<FileContent, { kind: 'gone' }> {
  if (!isUtf8(bytes)) return { kind: 'unreadable', reason: 'not UTF-8' };
  const text = textOf(bytes);
  try {
    const json = parseJson(text);
    if (!isJsonObject(json)) return { kind: 'unreadable', reason: 'not an object in braces' };
    return { kind: 'account', bytes, json, account: accountOf(json, id) };
  } catch (error) {
    if (error instanceof NotJson) return { kind: 'unreadable', reason: faultOf(text, error) };
    if (error instanceof UnreadableAccount) return { kind: 'unreadable', reason: error.message };
    throw error;
  }
}

/** The text of a JSON file without the byte order mark that Antigravity Tools has left in some. */
export const textOf = (bytes: Buffer): string =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.toString('utf8', 3) : bytes.toString('utf8');

function faultOf(text: string, error: NotJson): string {
  if (text.trim() === '') return 'empty';
  return text.includes('\0') ? 'NUL bytes in it, as a power cut leaves them' : error.message;
}
