import { lstatSync } from 'node:fs';
import { accountOf, hasAllItMust, UnreadableAccount, type Account } from './account.js';
import { reasonOf, systemCode } from '../ground/errors.js';
import { isJsonObject, jsonOf, NotJson, parseJson, withoutMark, type JsonObject } from '../ground/json.js';
import { readText, readTextLater, textIn } from '../disk/text-file.js';

/** What one look at an account file found. */
export type FileContent =
  | { readonly kind: 'account'; readonly text: string; readonly json: JsonObject; readonly account: Account }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'gone' };

/**
 * Reads an account file synchronously, without yielding to anything else in this process; never throws for what is in
 * the file. It takes some 20 µs where the system has the file in memory; with a promise for each step it would take six
 * to sixteen times as long.
 *
 * @param type - `regular`: the folder's listing says so, and the system is not asked again, which saves a fourth of the
 * time
 */
export function readAccountFile(file: string, id: string, type: 'regular' | 'unknown'): FileContent {
  try {
    return foundIn(readText(file, type), id);
  } catch (error) {
    return notRead(error, id, file);
  }
}

/** The same as `readAccountFile`, but nothing in this process waits where the file system is slow. */
export async function readAccountFileLater(file: string, id: string): Promise<FileContent> {
  try {
    return foundIn(await readTextLater(file), id);
  } catch (error) {
    return notRead(error, id, file);
  }
}

/** What the bytes of an account file say. */
export const contentOfBytes = (bytes: Buffer, id: string): FileContent => foundIn(textIn(bytes), id);

const foundIn = (found: string | { readonly reason: string }, id: string): FileContent =>
  typeof found === 'string' ? contentOf(found, id) : { kind: 'unreadable', reason: found.reason };

function notRead(error: unknown, id: string, file: string): FileContent {
  const code = systemCode(error);
  // the file system that it leads to may not be mounted
  if (code === 'ENOENT' && isLink(file)) return { kind: 'unreadable', reason: 'a link to a file that is not there' };
  if (code === 'ENOENT' && !id.includes('\uFFFD')) return { kind: 'gone' };
  if (code === 'ENOENT') return { kind: 'unreadable', reason: 'its name is not UTF-8' };
  return { kind: 'unreadable', reason: code === 'ENXIO' ? 'no regular file' : reasonOf(error) };
}

function isLink(file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink();
  } catch {
    return false;
  }
}

/** What the text of an account file says. */
export function contentOf(text: string, id: string): Exclude<FileContent, { kind: 'gone' }> {
  try {
    const json = parseJson(withoutMark(text));
    if (!isJsonObject(json)) return { kind: 'unreadable', reason: 'not an object in braces' };
    return { kind: 'account', text, json, account: accountOf(json, id) };
  } catch (error) {
    if (error instanceof NotJson) return { kind: 'unreadable', reason: faultOf(text, error) };
    if (error instanceof UnreadableAccount) return { kind: 'unreadable', reason: error.message };
    throw error;
  }
}

/** The account in the text of a file where it can be read; else null, without the search for what is wrong with it. */
export function readableIn(text: string, id: string): Account | null {
  const json = jsonOf(withoutMark(text));
  return hasAllItMust(json) && json.id === id ? accountOf(json, id) : null;
}

function faultOf(text: string, error: NotJson): string {
  if (text.trim() === '') return 'empty';
  return text.includes('\0') ? 'NUL bytes in it, as a power cut leaves them' : error.message;
}
