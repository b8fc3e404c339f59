import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAnswerHeaders, readRequestHeaders, retryAfterMs, withoutHeader } from '../../../src/proxy/http/headers.js';

const bytes = (flat: readonly string[]) => flat.map((text) => Buffer.from(text, 'latin1'));

test('credentials, cookies and hop-by-hop headers are taken out; the rest keeps order, case and repetition', () => {
  const read = readRequestHeaders([
    ...['Host', 'localhost:8045', 'X-Odd', 'caf\xe9', 'Authorization', 'Bearer K1', 'x-api-key', 'K2'],
    ...['X-Goog-Api-Key', 'K3', 'Cookie', 'a=b', 'Connection', 'keep-alive, X-Hop', 'x-hop', 'h', 'TE', 'trailers'],
    ...['Keep-Alive', 'timeout=5', 'Proxy-Authorization', 'Basic x', 'Upgrade', 'h2c', 'Expect', '100-continue'],
    ...['Transfer-Encoding', 'chunked', 'X-Odd', 'twice', 'x-goog-api-client', 'genai-js/1', 'Trailer', 'x'],
  ]);
  assert.equal(read.forwarded, ['X-Odd', 'caf\xe9', 'X-Odd', 'twice', 'x-goog-api-client', 'genai-js/1']);
  assert.equal(read.keys, ['K1', 'K2', 'K3']);
  assert.is(read.host, 'localhost:8045');
  assert.is(read.hasBody, true);
  assert.is(read.unsupported, null);
});

test('only a bearer token is a key in Authorization', () => {
  assert.equal(readRequestHeaders(['authorization', 'Basic abc']).keys, []);
  assert.equal(readRequestHeaders(['authorization', 'Bearer']).keys, []);
  assert.equal(readRequestHeaders(['authorization', 'bearer  K']).keys, ['K']);
});

test('a body is told by its framing', () => {
  assert.is(readRequestHeaders([]).hasBody, false);
  assert.is(readRequestHeaders(['content-length', '0']).hasBody, false);
  const sized = readRequestHeaders(['content-length', '12']);
  assert.is(sized.hasBody, true);
  assert.is(sized.contentLength, 12);
  assert.is(readRequestHeaders(['transfer-encoding', 'gzip, chunked']).unsupported, 'coding');
  assert.is(readRequestHeaders(['expect', 'miracles']).unsupported, 'expectation');
  assert.is(readRequestHeaders(['Expect', '100-Continue']).unsupported, null);
});

test('a Connection header cannot take away framing, and names headers whatever their place and case', () => {
  const read = readRequestHeaders([
    'X-A',
    '1',
    'content-length',
    '5',
    'connection',
    'content-length, x-a,, X-B',
    'x-b',
    '2',
  ]);
  assert.equal(read.forwarded, []);
  assert.is(read.contentLength, 5);
});

test('one header is taken out by its name, all of its lines', () => {
  assert.equal(withoutHeader(['A', '1', 'b', '2', 'a', '3'], 'a'), ['b', '2']);
});

test("an answer's headers pass but for the hop-by-hop ones", () => {
  const read = readAnswerHeaders(
    bytes([
      ...['Content-Type', 'Application/JSON; charset=UTF-8', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'],
      ...[
        'Connection',
        'close, x-internal',
        'X-Internal',
        'i',
        'Transfer-Encoding',
        'chunked',
        'Content-Encoding',
        'GZIP',
      ],
      ...['Retry-After', '30', 'X-Odd', 'caf\xe9', 'content-length', '17'],
    ]),
  );
  assert.equal(read.forwarded, [
    ...['Content-Type', 'Application/JSON; charset=UTF-8', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'],
    ...['Content-Encoding', 'GZIP', 'Retry-After', '30', 'X-Odd', 'caf\xe9', 'content-length', '17'],
  ]);
  assert.is(read.contentType, 'application/json; charset=utf-8');
  assert.is(read.contentEncoding, 'gzip');
  assert.is(read.retryAfter, '30');
  assert.is(read.contentLength, 17);
});

test('Retry-After is seconds or a date of HTTP, and nothing else is taken for one', () => {
  const now = Date.UTC(2026, 10, 22, 15, 0, 0);
  for (const [header, ms] of [
    ['30', 30_000],
    [' 1.5 ', 1_500],
    ['0', 0],
    ['Sun, 22 Nov 2026 15:01:00 GMT', 60_000],
    ['Sunday, 22-Nov-26 15:01:00 GMT', 60_000],
    ['Sun Nov 22 15:01:00 2026', 60_000],
    ['2026-11-22T15:01:00Z', 60_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ...[null, '', ' ', '-1', '+5', '1;2', '10, 20', 'soon', 'abc 5', '12s', 'Sun'].map((said) => [said, null] as const),
  ] as const) {
    assert.is(retryAfterMs(header, now), ms, String(header));
  }
});

test.run();
