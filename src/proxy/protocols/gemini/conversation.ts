import { hash } from 'node:crypto';
import { afterSpace, endOfValue, json, valueOf } from '../../http/json-bytes.js';

/** How much of a body is searched for the first message: one further back is not used. */
const LOOKED_AT_BYTES = 65_536;

/**
 * What tells conversations of a client apart: a digest of the first message, which every later request of a
 * conversation repeats. Found in the bytes, since a body of megabytes is not parsed for this. Null where there is none.
 */
export function conversationOf(body: Buffer | null, model: string): string | null {
  if (body === null) return null;
  const list = valueOf(body.subarray(0, LOOKED_AT_BYTES), 'contents');
  if (list < 0 || body[list] !== json.openBracket) return null;
  const start = afterSpace(body, list + 1);
  const front = body.subarray(start, start + LOOKED_AT_BYTES);
  return hash('sha256', Buffer.concat([Buffer.from(`${model}\n`), front.subarray(0, endOfValue(front, 0))]), 'base64');
}
