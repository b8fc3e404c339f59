import { endOfString, json, stringIn, valueOf } from '../http/json-bytes.js';

/** No model has a longer name: a longer text is not taken for one. */
const LONGEST_NAME_BYTES = 512;

/** The `model` that a JSON object names at its top level; empty where it names none, or is no object. */
export function modelInBody(body: Buffer): string {
  const start = valueOf(body, 'model');
  if (start < 0 || body[start] !== json.quote) return '';
  const end = endOfString(body, start);
  return end - start > LONGEST_NAME_BYTES ? '' : (stringIn(body.subarray(start, end)) ?? '');
}
