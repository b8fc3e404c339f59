import { endOfString, json, stringIn, valueOf } from '../http/json-bytes.js';

/** No model has a longer name; what does is none. */
const LONGEST_NAME_BYTES = 512;

/** What a JSON object names as its own `model`; empty where it names none, or is no object. */
export function modelInBody(body: Buffer): string {
  const start = valueOf(body, 'model');
  if (start < 0 || body[start] !== json.quote) return '';
  const end = endOfString(body, start);
  return end - start > LONGEST_NAME_BYTES ? '' : (stringIn(body.subarray(start, end)) ?? '');
}
