import { codings } from './codings.js';

/** The longest error body that is decoded: a small compressed one must not become gigabytes. */
const LONGEST_TEXT_BYTES = 1_048_576;
/** What is decoded here is mostly small: one piece of this size costs half of several of Node's 16 kB. */
const PIECE_BYTES = 65_536;

export const isPlain = (contentEncoding: string): boolean => contentEncoding === '' || contentEncoding === 'identity';

export const canUnpack = (contentEncoding: string): boolean => codings.has(contentEncoding);

/**
 * A decoded body, or as much as there is of it; null where its coding is not known, it is broken, or it becomes larger
 * than `longestBytes`. Synchronous: a few ms a megabyte.
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

/** A short body as text, or as much as there is of it; empty where it cannot be decoded. For error bodies only. */
export const decodedText = (body: Buffer, contentEncoding: string): string =>
  unpacked(body, contentEncoding, LONGEST_TEXT_BYTES)?.toString() ?? '';
