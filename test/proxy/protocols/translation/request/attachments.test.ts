import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addressPart, bytesPart } from '../../../../../src/proxy/protocols/translation/request/attachments.js';
import { BadRequest } from '../../../../../src/proxy/protocols/translation/request/bad-request.js';

const part = (address: string, mimeType?: string) => addressPart(address, 'image_url.url', mimeType);

test('a data: address is its bytes', () => {
  assert.equal(part('data:image/png;base64,aGk='), { inlineData: { mimeType: 'image/png', data: 'aGk=' } });
  assert.equal(part('data:text/plain;charset=utf-8;base64,aGk='), {
    inlineData: { mimeType: 'text/plain', data: 'aGk=' },
  });
  assert.equal(part('data:image/svg+xml,%3Csvg/%3E'), { inlineData: { mimeType: 'image/svg+xml', data: 'PHN2Zy8+' } });
  assert.equal(part('DATA:;base64,aGk=', 'audio/wav'), { inlineData: { mimeType: 'audio/wav', data: 'aGk=' } });
});

test('a data: address of megabytes is read at once', () => {
  const start = performance.now();
  part(`data:application/pdf;base64,${'A'.repeat(20_000_000)}`);
  assert.ok(performance.now() - start < 200);
});

test('another address is left to Google', () => {
  assert.equal(part('https://example.com/a.png'), { fileData: { fileUri: 'https://example.com/a.png' } });
  assert.equal(part('gs://bucket/a.pdf', 'application/pdf'), {
    fileData: { fileUri: 'gs://bucket/a.pdf', mimeType: 'application/pdf' },
  });
});

test('an address that nobody should look up is refused, and so is one without anything', () => {
  for (const address of ['file:///etc/passwd', '/etc/passwd', '', 'ftp://x/y', 'data:image/png;base64,', 'data:,%zz'])
    assert.throws(
      () => part(address),
      (error: unknown) => error instanceof BadRequest && error.field === 'image_url.url',
    );
  assert.throws(() => bytesPart('', 'aGk=', 'source'), /media type/);
});

test.run();
