import { promisify } from 'node:util';
import {
  brotliDecompress,
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  gunzip,
  gunzipSync,
  inflate,
  inflateRawSync,
  inflateSync,
  type ZlibOptions,
} from 'node:zlib';
import type { Transform } from 'node:stream';

/** Ways to decode a body of one content coding: as a stream, as a whole, or only its beginning. */
export interface Coding {
  readonly stream: () => Transform;
  /** Decodes a whole body in another thread. Rejects with a RangeError beyond `maxOutputLength`. */
  readonly whole: (body: Buffer, limits: { readonly maxOutputLength: number }) => Promise<Buffer>;
  /** Decodes as much as there is; a missing end is no error. Synchronous: a few ms a megabyte. */
  readonly begun: (body: Buffer, limits: ZlibOptions) => Buffer;
}

/**
 * Whether a body of coding `deflate` is in zlib's format: the low half of its first byte names the method. Some servers
 * send it without that format, and clients accept that.
 */
const isZlib = (body: Buffer): boolean => ((body[0] ?? 0) & 0x0f) === 8;

const gzip: Coding = {
  stream: () => createGunzip(),
  whole: promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  begun: (body, limits) => gunzipSync(body, { ...limits, finishFlush: constants.Z_SYNC_FLUSH }),
};

/** The codings, by their names in RFC 9110, section 8.4.1, in lower case. */
export const codings: ReadonlyMap<string, Coding> = new Map<string, Coding>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  [
    'deflate',
    {
      stream: () => createInflate(),
      whole: promisify<Buffer, ZlibOptions, Buffer>(inflate),
      begun: (body, limits) =>
        (isZlib(body) ? inflateSync : inflateRawSync)(body, { ...limits, finishFlush: constants.Z_SYNC_FLUSH }),
    },
  ],
  [
    'br',
    {
      stream: () => createBrotliDecompress(),
      whole: promisify<Buffer, { maxOutputLength: number }, Buffer>(brotliDecompress),
      begun: (body, limits) => brotliDecompressSync(body, { ...limits, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
    },
  ],
]);
