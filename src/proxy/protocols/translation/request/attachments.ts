import type { GeminiPart } from '../gemini/gemini.js';
import { BadRequest } from './bad-request.js';

const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*),/i;
const TAKEN = /^(?:https?|gs):\/\//i;

/** A part with bytes in base64. @throws {BadRequest} */
export function bytesPart(mimeType: string, data: string, at: string): GeminiPart {
  if (mimeType === '') throw new BadRequest(`${at} does not say of which media type its data is`, at);
  if (data === '') throw new BadRequest(`${at} has no data`, at);
  return { inlineData: { mimeType, data } };
}

/**
 * A part for an address: a `data:` address becomes its bytes, any other stays an address, for Google to fetch. Nothing
 * is fetched or opened here.
 *
 * @param mimeType - for an address that does not show its type
 * @throws {BadRequest}
 */
export function addressPart(address: string, at: string, mimeType?: string): GeminiPart {
  const [head, type = '', parameters = ''] = DATA_URL.exec(address.slice(0, 1_024)) ?? [];
  if (head !== undefined) {
    const data = address.slice(head.length);
    const isBase64 = /;base64$/i.test(parameters);
    return bytesPart(type === '' ? (mimeType ?? 'text/plain') : type, isBase64 ? data : encoded(data, at), at);
  }
  if (!TAKEN.test(address)) throw new BadRequest(`${at} must be a data:, https: or gs: address`, at);
  return { fileData: { fileUri: address, ...(mimeType !== undefined && { mimeType }) } };
}

function encoded(data: string, at: string): string {
  try {
    return Buffer.from(decodeURIComponent(data)).toString('base64');
  } catch {
    throw new BadRequest(`${at} has a data: address that is not encoded as one`, at);
  }
}
