/** Requests and answers of every odd kind that HTTP allows, the same for the same seed. */
import { gzipSync } from 'node:zlib';
import { type Random, seeded } from './random.js';

/** A body as it is cut into writes; null: none. */
export type Pieces = readonly Buffer[] | null;

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  /** Names and values in turn, latin1; without Host, key and framing. */
  readonly headers: readonly string[];
  readonly body: Pieces;
  readonly framing: 'length' | 'chunked';
}

export interface RecordedAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly string[];
  readonly body: Pieces;
  readonly framing: 'length' | 'chunked' | 'close';
  /** Sent after a chunked body. */
  readonly trailers: readonly string[];
}

export interface Exchanged {
  readonly request: RecordedRequest;
  readonly answer: RecordedAnswer;
}

const pick = <T>(random: Random, list: readonly [T, ...T[]]): T => list[random(list.length)] ?? list[0];
const bytes = (random: Random, length: number): Buffer => {
  const buffer = Buffer.alloc(length);
  for (let at = 0; at < length; at += 4)
    buffer.writeUInt32LE(random(0x1_0000_0000), Math.min(at, Math.max(0, length - 4)));
  return buffer;
};

const names = [
  'X-Odd',
  'x-odd',
  'X-ODD',
  'x-goog-api-client',
  'Accept',
  'ACCEPT-LANGUAGE',
  "x!#$%&'*+.^_`|~",
  'X-Empty',
  'If-Match',
  'Range',
] as const;
const values = [
  '',
  'plain',
  'a, b;q=0.5',
  '"quoted \\" pair"',
  '\xe4\xf6\xfc \xff latin1',
  'tab\there',
  'W/"etag"',
  'bytes=0-9, 20-',
] as const;
const paths = [
  '/v1beta/models/gemini-3-flash:generateContent',
  '/v1beta/models',
  '/v1/a/b./c/..d',
  '/v1/%F0%9F%98%80/%2e%2Ex/%c3%28',
  "/v1/;a=1,b='2'/(x)/$~!*@&=+:",
  '/v1beta/files/abc:download',
  '/v1/|^{}"<>`[]',
] as const;
const queries = [
  '',
  '?',
  '?alt=sse',
  '?b=2&a=1&b=1',
  '?a&&b=&=c',
  '?q=%20+%2B%26&x=%zz',
  '?%E4=%FF&ключ'.replace('ключ', '%D0%BA'),
] as const;
const texts = [
  '{"contents":[]}',
  'Grüße, 世界 😀 \u0000 \ud7ff',
  '',
  '\r\n\r\n0\r\n\r\n',
  'data: {"a":1}\r\n\r\ndata: {"b":2}\r\n\r\n',
] as const;

function someHeaders(random: Random): string[] {
  const count = random(7);
  return Array.from({ length: count }, () => [pick(random, names), pick(random, values)]).flat();
}

/** What a body is made of, and the headers that say so. */
function someBody(random: Random): { body: Buffer | null; headers: string[] } {
  const text = Buffer.from(pick(random, texts));
  const kind = random(6);
  if (kind === 0) return { body: null, headers: [] };
  if (kind === 1)
    return { body: gzipSync(Buffer.concat([text, bytes(random, 5_000)])), headers: ['Content-Encoding', 'gzip'] };
  if (kind === 2)
    return { body: bytes(random, random(300_000)), headers: ['content-type', 'application/octet-stream'] };
  if (kind === 3) return { body: Buffer.alloc(0), headers: [] };
  return { body: text, headers: ['Content-Type', 'application/json; charset="UTF-8"'] };
}

function cut(random: Random, body: Buffer | null): Pieces {
  if (body === null || body.length === 0) return body === null ? null : [];
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const length = 1 + random(Math.max(1, body.length / 2));
    pieces.push(body.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

function someRequest(random: Random): RecordedRequest {
  const method = pick(random, ['GET', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND']);
  const { body, headers } = /^(GET|HEAD|OPTIONS|DELETE)$/.test(method) ? { body: null, headers: [] } : someBody(random);
  return {
    method,
    url: pick(random, paths) + pick(random, queries),
    headers: [...someHeaders(random), ...headers],
    body: cut(random, body),
    framing: pick(random, ['length', 'chunked']),
  };
}

function someAnswer(random: Random, method: string): RecordedAnswer {
  const status = pick(random, [200, 200, 200, 201, 204, 206, 299, 301, 304, 400, 404, 409, 418, 499]);
  const silent = method === 'HEAD' || status === 204 || status === 304;
  const { body, headers } = silent ? { body: null, headers: [] } : someBody(random);
  const framing = silent ? 'length' : pick<RecordedAnswer['framing']>(random, ['length', 'chunked', 'close']);
  const cookies = random(4) === 0 ? ['Set-Cookie', 'a=1; Path=/', 'set-cookie', 'b="2"'] : [];
  return {
    ...{ status, framing },
    reason: pick(random, ['OK', '', "I'm a teapot", 'Very \t Odd (reason)!']),
    headers: [...someHeaders(random), ...cookies, ...headers],
    body: silent ? null : (cut(random, body) ?? []),
    trailers: framing === 'chunked' && random(2) === 0 ? ['X-Checksum', 'abc', 'X-Checksum', '\xe9'] : [],
  };
}

/** `count` exchanges; the last two carry a body of `large` bytes, one there and one back. */
export function corpus(seed: number, count: number, large: number): Exchanged[] {
  const random = seeded(seed);
  const exchanges = Array.from({ length: count - 2 }, (): Exchanged => {
    const request = someRequest(random);
    return { request, answer: someAnswer(random, request.method) };
  });
  const piece = bytes(random, 1_000_000);
  const pieces = Array.from({ length: large / piece.length }, () => piece);
  const request: RecordedRequest = {
    method: 'POST',
    url: paths[0],
    headers: [],
    body: [Buffer.from('{}')],
    framing: 'length',
  };
  const answer: RecordedAnswer = {
    ...{ status: 200, reason: 'OK', headers: [], trailers: [] },
    body: [],
    framing: 'length',
  };
  return [
    ...exchanges,
    { request: { ...request, body: pieces }, answer },
    { request, answer: { ...answer, body: pieces, framing: 'chunked' } },
  ];
}
