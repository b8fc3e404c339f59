/** 200 requests and answers of every odd kind pass through unchanged: what arrives has the hash of what was sent. */
import { createHash } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Exchanged,
  type Pieces,
  type RecordedAnswer,
  type RecordedRequest,
  corpus,
} from '../../support/corpus.js';
import { API_KEY, type Proxied, withRawUpstream } from '../../support/proxy.js';

const SEED = 20_261_122;
const LARGE = 100_000_000;

/** What the proxy takes away or puts in by its job, and what only frames a body on one hop. */
const ofTheHop =
  /^(host|connection|keep-alive|transfer-encoding|content-length|trailer|authorization|x-goog-user-project|x-goog-api-key|x-regrant-request-id|x-accel-buffering)$/i;

function withoutHops(headers: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = headers.slice(at, at + 2);
    if (!ofTheHop.test(name)) kept.push(name, value);
  }
  return kept;
}

/** One hash over all that has to be the same, with the parts of it for a failure's words. */
const digest = (parts: readonly unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

function hashOf(pieces: Pieces): string {
  const hash = createHash('sha256');
  for (const piece of pieces ?? []) hash.update(piece);
  return hash.digest('hex');
}

async function hashed(message: IncomingMessage): Promise<{ bytes: number; hash: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, hash: hash.digest('hex') };
}

const partsOfRequest = ({ method, url, headers, body }: RecordedRequest) => [method, url, headers, hashOf(body)];
const partsOfAnswer = ({ status, reason, headers, body, trailers }: RecordedAnswer) => [
  status,
  reason,
  headers,
  hashOf(body),
  trailers,
];
const lengthOf = (pieces: Pieces): number => (pieces ?? []).reduce((sum, { length }) => sum + length, 0);

async function writeAll(to: NodeJS.WritableStream, pieces: Pieces): Promise<void> {
  for (const piece of pieces ?? []) if (!to.write(piece)) await new Promise((resolve) => to.once('drain', resolve));
}

async function answerWith(answer: RecordedAnswer, response: ServerResponse): Promise<void> {
  response.sendDate = false;
  const { status, reason, headers, body, framing, trailers } = answer;
  const frame = {
    length: body === null ? [] : ['Content-Length', String(lengthOf(body))],
    chunked: ['Transfer-Encoding', 'chunked'],
    close: ['Connection', 'close'],
  };
  response.useChunkedEncodingByDefault = framing === 'chunked';
  response.writeHead(status, reason, [...headers, ...frame[framing]]);
  await writeAll(response, body);
  if (trailers.length > 0) response.addTrailers(pairs(trailers));
  response.end();
}

const pairs = (flat: readonly string[]): [string, string][] =>
  flat.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : []));

function ask(
  { host, port }: Proxied,
  { method, url, headers, body, framing }: RecordedRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const frame =
      body === null
        ? []
        : framing === 'chunked'
          ? ['Transfer-Encoding', 'chunked']
          : ['Content-Length', String(lengthOf(body))];
    const request = http.request({
      ...{ host, port, method, path: url, agent: false },
      headers: [
        'Host',
        `${host}:${port}`,
        'x-goog-api-key',
        API_KEY,
        ...headers,
        ...frame,
      ] as unknown as http.OutgoingHttpHeaders,
    });
    request.on('response', resolve);
    request.on('error', reject);
    void writeAll(request, body).then(() => request.end());
  });
}

test('what arrives is what was sent, there and back', async () => {
  const exchanges = corpus(SEED, 200, LARGE);
  let current: Exchanged | undefined;
  let arrived: readonly unknown[] = [];
  await withRawUpstream(
    { proxy: { maxRequestBytes: LARGE } },
    (request, response) => {
      void hashed(request).then(({ hash, bytes }) => {
        arrived = [request.method, request.url, withoutHops(request.rawHeaders), hash];
        const said = request.headers['content-length'];
        assert.ok(said === undefined || Number(said) === bytes);
        if (current !== undefined) void answerWith(current.answer, response);
      });
    },
    async (proxied) => {
      for (const [at, exchange] of exchanges.entries()) {
        current = exchange;
        const message = await ask(proxied, exchange.request);
        const { hash } = await hashed(message);
        const got = [
          message.statusCode,
          message.statusMessage,
          withoutHops(message.rawHeaders),
          hash,
          message.rawTrailers,
        ];
        const words = `exchange ${at}: ${exchange.request.method} ${exchange.request.url}`;
        const [sent, answered] = [partsOfRequest(exchange.request), partsOfAnswer(exchange.answer)];
        if (digest(arrived) !== digest(sent)) assert.equal(arrived, sent, words);
        if (digest(got) !== digest(answered)) assert.equal(got, answered, words);
      }
      assert.is((await proxied.recorded(200)).length, 200);
      assert.equal(proxied.faults, []);
    },
  );
});

test.run();
