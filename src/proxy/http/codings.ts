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

/** How a body in one content coding is read: as it comes, once it is whole, or as far as it has come. */
export interface Coding {
  readonly stream: () => Transform;
  /** Off the loop. Rejects with a RangeError beyond `maxOutputLength`. */
  readonly whole: (body: Buffer, limits: { readonly maxOutputLength: number }) => Promise<Buffer>;
  /** What the body lacks at its end is passed over. It blocks, at a few ms a megabyte. */
  readonly begun: (body: Buffer, limits: ZlibOptions) => Buffer;
}

/** The low half of the first byte names the method in zlib's format. Some servers send deflate without it, and clients take that. */
const isZlib = (body: Buffer): boolean => ((body[0] ?? 0) & 0x0f) === 8;

const gzip: Coding = {
  stream: () => createGunzip(),
  whole: promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  begun: (body, limits) => gunzipSync(body, { ...limits, finishFlush: constants.Z_SYNC_FLUSH }),
};

/** By the names of RFC 9110, section 8.4.1, in lower case. */
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
