import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync, type ZlibOptions } from 'node:zlib';

/** No error body of an API is larger; a small packed one must not unpack to gigabytes. */
const LONGEST_TEXT_BYTES = 1_048_576;
/** What is read so is mostly small; one piece of this size is had for half of what several of Node's 16 kB cost. */
const PIECE_BYTES = 65_536;

type Unpack = (body: Buffer, limits: ZlibOptions) => Buffer;

/** The low half of the first byte names the method in zlib's format. Some servers send deflate without it, and clients take that. */
const isZlib = (body: Buffer): boolean => ((body[0] ?? 0) & 0x0f) === 8;

const gzip: Unpack = (body, limits) => gunzipSync(body, { ...limits, finishFlush: constants.Z_SYNC_FLUSH });

/** By RFC 9110's names. What the body lacks at its end is passed over. */
const packings: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  [
    'deflate',
    (body, limits) =>
      (isZlib(body) ? inflateSync : inflateRawSync)(body, { ...limits, finishFlush: constants.Z_SYNC_FLUSH }),
  ],
  ['br', (body, limits) => brotliDecompressSync(body, { ...limits, finishFlush: constants.BROTLI_OPERATION_FLUSH })],
]);

export const isPlain = (contentEncoding: string): boolean => contentEncoding === '' || contentEncoding === 'identity';

export const canUnpack = (contentEncoding: string): boolean => packings.has(contentEncoding);

/**
 * A body unpacked, also where only its beginning is there; null where it is in no form we know, broken, or unpacks to more
 * than that many bytes. It blocks, at a few ms a megabyte.
 */
export function unpacked(body: Buffer, contentEncoding: string, longestBytes: number): Buffer | null {
  if (isPlain(contentEncoding)) return body;
  try {
    const limits = { maxOutputLength: longestBytes, chunkSize: PIECE_BYTES };
    return packings.get(contentEncoding)?.(body, limits) ?? null;
  } catch {
    return null;
  }
}

/** A short body as text, also where only its beginning is there; empty where it cannot be unpacked. For error bodies only. */
export const decodedText = (body: Buffer, contentEncoding: string): string =>
  unpacked(body, contentEncoding, LONGEST_TEXT_BYTES)?.toString() ?? '';
