import { json } from '../../http/json-bytes.js';
import { nameOfId, ofBareIds, textOf } from './bare-ids.js';
import { namesInPath, namesInString } from './resource-names.js';
import type { ClientRequest } from '../client-request.js';

const bytes = (...texts: readonly string[]): readonly Buffer[] => texts.map((text) => Buffer.from(text));

/**
 * How a string begins that may name a stored resource: none of this occurs in base64, so that megabytes of that are
 * skipped fast. A file may be named by its address too. No body names batches or operations.
 */
const plain = bytes('"files', '"generatedFiles', '"cachedContents', '"fileSearchStores', '"corpora');
const addressed = bytes('://', ':\\/\\/');
/** Length of `"https` before the colon. */
const LONGEST_SCHEME = 6;
const LONGEST_STRING = 400;
/** Length of `files/a`. */
const SHORTEST_NAME = 7;
/** An address of the API's own: other servers have files too. */
const OWN_ADDRESS = /^"https?:\/\/[^/"]+\/(?:[^"]*\/)?v\d[^/"]*\/(?:files|generatedFiles)\/[^"/]+"$/;
/** What stands before a string that is somebody's words and no name. */
const SAID = /"text"\s*:\s*$/;
const LOOKED_BACK_BYTES = 32;
const SLASH = 0x2f;
const PERCENT = 0x25;

const NONE: readonly string[] = [];

/**
 * The stored resources that a body names, each once: `"cachedContent": "cachedContents/abc"`, or a `fileUri` that ends
 * with `files/abc`. Searched for in the bytes, since a body of megabytes is not parsed for this.
 *
 * @param target - of the request: in a body about interactions, ids alone are names
 */
export function namesInBody(body: Buffer, target: string): readonly string[] {
  const bare = namesOfBareIds(body, target);
  if (!body.includes(SLASH) && !body.includes(PERCENT)) return bare;
  const names = new Set(bare);
  for (const opening of plain) {
    for (const at of placesOf(opening, body)) {
      if (isSlash(body[at + opening.length])) take(stringAt(body, at), body, at, names);
    }
  }
  for (const colon of addressed) {
    for (const at of placesOf(colon, body)) {
      const start = quoteBefore(body, at);
      const string = start < 0 ? null : stringAt(body, start)?.replaceAll('\\/', '/');
      if (OWN_ADDRESS.test(string ?? '')) take(string ?? null, body, start, names);
    }
  }
  return names.size === 0 ? NONE : [...names];
}

/** Whether a byte begins a slash, which may be written `\/` or `%2F`. */
const isSlash = (byte: number | undefined): boolean => byte === SLASH || byte === PERCENT || byte === json.backslash;

function* placesOf(bytes: Buffer, body: Buffer): Generator<number> {
  for (let at = body.indexOf(bytes); at >= 0; at = body.indexOf(bytes, at + bytes.length)) yield at;
}

/** The quotation mark before an address; -1: there is none. */
function quoteBefore(body: Buffer, colon: number): number {
  for (let at = colon - 1; at >= 0 && colon - at <= LONGEST_SCHEME; at--) if (body[at] === json.quote) return at;
  return -1;
}

/** A string with its quotation marks; null: it is too long or too short for a name. */
function stringAt(body: Buffer, start: number): string | null {
  const end = body.subarray(start + 1, start + LONGEST_STRING).indexOf(json.quote);
  return end < SHORTEST_NAME ? null : body.toString('latin1', start, start + end + 2);
}

function take(string: string | null, body: Buffer, start: number, names: Set<string>): void {
  if (string === null || /\s/.test(string)) return;
  const found = namesInString(string.slice(1, -1));
  if (found.length === 0 || SAID.test(body.toString('latin1', Math.max(0, start - LOOKED_BACK_BYTES), start))) return;
  for (const name of found) names.add(name);
}

/** The interaction that a request continues, and its agent: the API writes only the ids of both. */
function namesOfBareIds(body: Buffer, target: string): readonly string[] {
  if (ofBareIds(target) !== 'interactions') return NONE;
  return (
    [
      ['interactions', 'previous_interaction_id'],
      ['interactions', 'previousInteractionId'],
      ['agents', 'agent'],
    ] as const
  ).flatMap(([kind, key]) => {
    const id = textOf(body, key);
    return id === '' ? [] : [nameOfId(kind, id)];
  });
}

/**
 * The stored resources that a request names, in its path and its body. The path of a model call names none, unless the
 * model is a tuned one.
 */
export function namesInRequest({ target, model }: ClientRequest, body: Buffer | null): readonly string[] {
  const path = model === '' || model.startsWith('tunedModels/') ? namesInPath(target) : NONE;
  const named = body === null ? NONE : namesInBody(body, target);
  return path.length === 0 ? named : [...new Set([...path, ...named])];
}

/**
 * Whether a name is learned from answers. Agents are not: Google's own ones, which all can see, have the same kind of
 * names.
 */
export const isLearned = (name: string): boolean => !name.startsWith('agents/');
