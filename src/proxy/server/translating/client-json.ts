import { setImmediate as breath } from 'node:timers/promises';
import { BodyTooLarge } from '../../http/body.js';
import { codings } from '../../http/codings.js';
import { isPlain } from '../../http/content-encoding.js';
import { BadRequest } from '../../protocols/translation/request/bad-request.js';
import { type JsonObject, isJsonObject, jsonOf } from '../../../store/ground/json.js';

/** From this size on, other requests get their turn between the steps of a translation. */
export const LARGE_BYTES = 1_048_576;

/**
 * The JSON object that a client has sent.
 *
 * @param body - null: nothing came
 * @param contentEncoding - lower case; empty: the body is as it is
 * @throws {BadRequest | BodyTooLarge}
 */
export async function clientJson(body: Buffer | null, contentEncoding: string, maxBytes: number): Promise<JsonObject> {
  const plain = await unpackedBody(body ?? Buffer.alloc(0), contentEncoding, maxBytes);
  if (plain.length > LARGE_BYTES) await breath();
  const value = jsonOf(plain.toString());
  if (!isJsonObject(value)) throw new BadRequest('the body must be a JSON object', 'body');
  if (plain.length > LARGE_BYTES) await breath();
  return value;
}

async function unpackedBody(body: Buffer, contentEncoding: string, maxBytes: number): Promise<Buffer> {
  if (isPlain(contentEncoding)) return body;
  const coding = codings.get(contentEncoding);
  if (coding === undefined)
    throw new BadRequest(
      `content-encoding ${contentEncoding} is not known here: send the body as it is`,
      'content-encoding',
    );
  try {
    return await coding.whole(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw new BodyTooLarge(maxBytes);
    throw new BadRequest(`the body is not what its content-encoding ${contentEncoding} says`, 'content-encoding');
  }
}
