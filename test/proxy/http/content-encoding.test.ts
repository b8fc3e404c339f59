import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodedText } from '../../../src/proxy/http/content-encoding.js';

const text = '{"error":{"message":"Überlast"}}'.repeat(50);

test('each coding is taken off', () => {
  assert.is(decodedText(Buffer.from(text), ''), text);
  assert.is(decodedText(Buffer.from(text), 'identity'), text);
  assert.is(decodedText(gzipSync(text), 'gzip'), text);
  assert.is(decodedText(deflateSync(text), 'deflate'), text);
  assert.is(decodedText(deflateRawSync(text), 'deflate'), text, 'without its header, as some servers send it');
  assert.is(decodedText(brotliCompressSync(text), 'br'), text);
});

test('the beginning of a body gives the beginning of its text', () => {
  const noise = Array.from({ length: 5_000 }, (_, n) => n * n).join();
  const packed = gzipSync(noise);
  const read = decodedText(packed.subarray(0, packed.length / 2), 'gzip');
  assert.ok(read.length > 0 && noise.startsWith(read));
});

test('what cannot be decoded, or would unpack to something huge, is empty', () => {
  assert.is(decodedText(Buffer.from('no gzip'), 'gzip'), '');
  assert.is(decodedText(Buffer.from(text), 'zstd-or-so'), '');
  assert.is(decodedText(gzipSync(Buffer.alloc(5_000_000)), 'gzip'), '');
});

test.run();
