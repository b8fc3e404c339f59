import { codings } from './codings.js';

/** No error body of an API is larger; a small packed one must not unpack to gigabytes. */
const LONGEST_TEXT_BYTES = 1_048_576;
/** What is read so is mostly small; one piece of this size is had for half of what several of Node's 16 kB cost. */
const PIECE_BYTES = 65_536;

export const isPlain = (contentEncoding: string): boolean => contentEncoding === '' || contentEncoding === 'identity';

export const canUnpack = (contentEncoding: string): boolean => codings.has(contentEncoding);

/**
 * A body unpacked, also where only its beginning is there; null where it is in no form we know, broken, or unpacks to more
 * than that many bytes. It blocks, at a few ms a megabyte.
 */
export function unpacked(body: Buffer, contentEncoding: string, longestBytes: number): Buffer | null {
  if (isPlain(contentEncoding)) return body;
  try {
    const limits = { maxOutputLength: longestBytes, chunkSize: PIECE_BYTES };
    return codings.get(contentEncoding)?.begun(body, limits) ?? null;
  } catch {
    return null;
  }
}

/** A short body as text, also where only its beginning is there; empty where it cannot be unpacked. For error bodies only. */
export const decodedText = (body: Buffer, contentEncoding: string): string =>
  unpacked(body, contentEncoding, LONGEST_TEXT_BYTES)?.toString() ?? '';
