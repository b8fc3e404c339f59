import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib';

/** No error body of an API is larger; a small packed one must not unpack to gigabytes. */
const LONGEST_TEXT_BYTES = 1_048_576;

const lenient = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: LONGEST_TEXT_BYTES };

const decoders: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  '': (body) => body,
  identity: (body) => body,
  gzip: (body) => gunzipSync(body, lenient),
  'x-gzip': (body) => gunzipSync(body, lenient),
  deflate: (body) => inflateSync(body, lenient),
  br: (body) =>
    brotliDecompressSync(body, {
      finishFlush: constants.BROTLI_OPERATION_FLUSH,
      maxOutputLength: LONGEST_TEXT_BYTES,
    }),
};

/** A short body as text, also where only its beginning is there; empty where it cannot be decoded. For error bodies only: it blocks. */
export function decodedText(body: Buffer, contentEncoding: string): string {
  try {
    return decoders[contentEncoding]?.(body).toString() ?? '';
  } catch {
    return '';
  }
}
