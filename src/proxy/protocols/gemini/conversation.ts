import { hash } from 'node:crypto';
import { afterSpace, endOfValue, json, valueOf } from '../../http/json-bytes.js';

/** The first message stands near the front of a body; what does not is no text to tell conversations by. */
const LOOKED_AT_BYTES = 65_536;

/**
 * What tells one conversation of a client from another: a digest of its first message, which every later request of it
 * repeats. Found by a look at the bytes, since a body of megabytes is not parsed for this. Null where there is none.
 */
export function conversationOf(body: Buffer | null, model: string): string | null {
  if (body === null) return null;
  const list = valueOf(body.subarray(0, LOOKED_AT_BYTES), 'contents');
  if (list < 0 || body[list] !== json.openBracket) return null;
  const start = afterSpace(body, list + 1);
  const front = body.subarray(start, start + LOOKED_AT_BYTES);
  return hash('sha256', Buffer.concat([Buffer.from(`${model}\n`), front.subarray(0, endOfValue(front, 0))]), 'base64');
}
