/** Answers that come packed though nobody asked for that, where they have to be changed on their way. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemCode } from '../../../src/store/ground/errors.js';
import { UnpackedFirst } from '../../../src/proxy/upstreams/unpacked-first.js';
import { Unwrap } from '../../../src/proxy/upstreams/unwrap.js';
import { API_KEY, ask, type Answering, type Got, type Proxied, withProxy } from '../../support/proxy.js';

const MODEL = '/v1beta/models/gemini-3-flash';
const answer = { candidates: [{ content: { parts: [{ text: 'hi' }] } }], usageMetadata: { totalTokenCount: 7 } };
const wrapped = { response: answer, traceId: 't' };
const packings = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync };

const packed =
  (coding: keyof typeof packings, type: string, body: string): Answering =>
  (_call, response) => {
    const bytes = packings[coding](body);
    response.writeHead(200, { 'content-type': type, 'content-encoding': coding, 'content-length': bytes.length });
    response.end(bytes);
  };
const withAnswer = (kind: 'cloudcode' | 'gemini', answering: Answering, use: (proxied: Proxied) => Promise<void>) =>
  withProxy({ kind, accounts: [{ id: 'a1' }], models: { aliases: { quick: 'gemini-3-flash' } } }, answering, use);
const isUnpacked = (got: Got): void => assert.equal([got.status, got.headers['content-encoding']], [200, undefined]);

for (const coding of ['gzip', 'br', 'deflate'] as const) {
  test(`an answer of Code Assist that comes as ${coding} unasked is taken out of its envelope, and its tokens count`, () =>
    withAnswer('cloudcode', packed(coding, 'application/json', JSON.stringify(wrapped)), async (proxied) => {
      const got = await ask(proxied, { path: `${MODEL}:generateContent` });
      isUnpacked(got);
      assert.equal(JSON.parse(got.text), answer);
      assert.is((await proxied.firstRecord()).tokens, 7);
    }));

  test(`so is each event of a stream as ${coding}`, () => {
    const line = (event: object): string => `data: ${JSON.stringify(event)}\r\n\r\n`;
    return withAnswer(
      'cloudcode',
      packed(coding, 'text/event-stream', line(wrapped) + line(wrapped)),
      async (proxied) => {
        const got = await ask(proxied, { path: `${MODEL}:streamGenerateContent?alt=sse` });
        isUnpacked(got);
        assert.is(got.text, line(answer) + line(answer));
      },
    );
  });
}

test('a list of models is made of what Code Assist sent packed', () =>
  withAnswer('cloudcode', packed('gzip', 'application/json', '{"models":{"gemini-3-flash":{}}}'), async (proxied) => {
    const got = await ask(proxied, { method: 'GET', path: '/v1beta/models', headers: { 'x-goog-api-key': API_KEY } });
    isUnpacked(got);
    assert.match(got.text, 'models/gemini-3-flash');
  }));

test('the client’s name of a model comes back in an answer that was packed', () =>
  withAnswer('gemini', packed('gzip', 'application/json', '{"model":"models/gemini-3-flash"}'), async (proxied) => {
    const got = await ask(proxied, { path: '/v1beta/cachedContents', body: '{"model":"models/quick"}' });
    isUnpacked(got);
    assert.equal(JSON.parse(got.text), { model: 'models/quick' });
  }));

test('an answer that cannot be unpacked is broken off', () =>
  withAnswer(
    'cloudcode',
    (_call, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end('no gzip');
    },
    async (proxied) => {
      const got = await ask(proxied, { path: `${MODEL}:generateContent` }).catch(systemCode);
      assert.is(got, 'ECONNRESET');
    },
  ));

test('an answer that is packed beyond measure is broken off', () => {
  const ended = (...chunks: readonly Buffer[]) => {
    const changing = new UnpackedFirst('gzip', new Unwrap());
    for (const chunk of chunks) changing.push(chunk);
    return changing.end();
  };
  const whole = gzipSync('{"response":{}}');
  assert.is(Buffer.concat(ended(whole) ?? []).toString(), '{}');
  assert.is(ended(whole, Buffer.alloc(16_777_216)), null);
  assert.is(ended(gzipSync(Buffer.alloc(134_217_729, ' '))), null);
});

test.run();
