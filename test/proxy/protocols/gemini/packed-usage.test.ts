/** Tokens in the access log where Google packs its answers, as it does for every client that says it can unpack them. */
import { randomBytes } from 'node:crypto';
import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createDeflate,
  createGzip,
  deflateRawSync,
  deflateSync,
  gzipSync,
} from 'node:zlib';
import { GoogleGenAI } from '@google/genai';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, ask, GENERATE, type Got, RawClient, withProxy } from '../../../support/proxy.js';
import type { AccessRecord } from '../../../../src/store/records/log.js';

const STREAM = '/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse';
const answerOf = (text: string, tokens: number) => ({
  candidates: [{ content: { parts: [{ text }], role: 'model' }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 1, totalTokenCount: tokens },
  modelVersion: 'gemini-3-flash',
});
const json = (tokens: number, text = 'hello') => Buffer.from(JSON.stringify(answerOf(text, tokens), null, 2));

const packed: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: (body) => gzipSync(body),
  'X-GZIP': (body) => gzipSync(body),
  deflate: (body) => deflateSync(body),
  br: (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
};

/** The answer that a client gets of these bytes, whole, and what the access log says of it. */
async function served(
  body: Buffer,
  contentEncoding: string,
  contentType = 'application/json; charset=UTF-8',
): Promise<{ got: Got; record: AccessRecord }> {
  return withProxy(
    {},
    (_call, response) => {
      response.writeHead(200, { 'content-type': contentType, 'content-encoding': contentEncoding });
      response.end(body);
    },
    async (proxied) => {
      const got = await ask(proxied);
      assert.ok(got.body.equals(body), 'the bytes are those that came');
      assert.is(got.headers['content-encoding'], contentEncoding);
      const record = await proxied.firstRecord();
      assert.is(record.bytes, body.length);
      assert.equal(proxied.faults, []);
      return { got, record };
    },
  );
}

for (const [name, pack] of Object.entries(packed)) {
  test(`a packed answer has its tokens (${name})`, async () => {
    const { record } = await served(pack(json(1234)), name);
    assert.is(record.tokens, 1234);
    const long = await served(pack(json(77, randomBytes(300_000).toString('base64'))), name);
    assert.is(long.record.tokens, 77);
  });
}

test('deflate without its header, as some servers send it, has its tokens', async () => {
  assert.is((await served(deflateRawSync(json(9)), 'deflate')).record.tokens, 9);
});

const packers = { gzip: createGzip, deflate: createDeflate, br: createBrotliCompress } as const;

for (const [name, packer] of Object.entries(packers)) {
  test(`a packed stream has the tokens of its last event, and no event waits (${name})`, async () => {
    const events = 30;
    const sent: Buffer[] = [];
    await withProxy(
      {},
      (_call, response) => {
        const stream = packer();
        response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': name });
        stream.on('data', (chunk: Buffer) => {
          sent.push(chunk);
          response.write(chunk);
        });
        stream.on('end', () => response.end());
        const next = (n: number) => {
          if (n > events) {
            stream.end();
            return;
          }
          stream.write(`data: ${JSON.stringify(answerOf(randomBytes(300).toString('hex'), 100 + n))}\r\n\r\n`);
          stream.flush(() => setImmediate(next, n + 1));
        };
        next(1);
      },
      async (proxied) => {
        const got = await ask(proxied, { path: STREAM });
        assert.ok(got.body.equals(Buffer.concat(sent)), 'the bytes are those that came');
        const record = await proxied.firstRecord();
        assert.is(record.tokens, 100 + events);
        assert.is(record.bytes, got.body.length);
        assert.equal(proxied.faults, []);
      },
    );
  });
}

test('a packed stream that breaks off has the tokens of its last whole event, as a plain one has', async () => {
  const stream = gzipSync(
    [1, 2, 3].map((n) => `data: ${JSON.stringify(answerOf(randomBytes(2_000).toString('hex'), n))}\r\n\r\n`).join(''),
  );
  for (const [bytes, tokens] of [
    [stream.length - 4, 3],
    [Math.floor(stream.length / 2), 1],
    [200, null],
  ] as const) {
    await withProxy(
      {},
      (_call, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
        response.write(stream.subarray(0, bytes), () => setImmediate(() => response.destroy()));
      },
      async (proxied) => {
        const got = await ask(proxied, { path: STREAM });
        assert.is(got.broken, true);
        const record = await proxied.firstRecord();
        assert.is(record.tokens, tokens, `${bytes} bytes`);
        assert.match(record.left.join(), /broke off/);
        assert.equal(proxied.faults, []);
      },
    );
  }
});

test('a client that leaves in the middle of a packed stream leaves the tokens it had', async () => {
  await withProxy(
    {},
    (_call, response) => {
      const stream = createGzip();
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      stream.pipe(response);
      stream.write(`data: ${JSON.stringify(answerOf('a', 5))}\r\n\r\n`);
      stream.flush();
    },
    async (proxied) => {
      const client = new RawClient(proxied);
      client.write(`POST ${STREAM}&key=${API_KEY} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`);
      await client.until(/\r\n\r\n[\s\S]{80}/);
      client.destroy();
      assert.is((await proxied.firstRecord()).tokens, 5);
      assert.equal(proxied.faults, []);
    },
  );
});

test('what cannot be unpacked has no tokens and reaches the client as it came', async () => {
  const whole = gzipSync(json(5));
  const noise = randomBytes(5_000);
  for (const [what, body, coding] of [
    ['noise', noise, 'gzip'],
    ['noise', noise, 'deflate'],
    ['noise', noise, 'br'],
    ['plain JSON under a false name', json(5), 'gzip'],
    [
      'damaged in the middle',
      Buffer.concat([whole.subarray(0, 30), noise.subarray(0, 30), whole.subarray(60)]),
      'gzip',
    ],
    ['packed twice', gzipSync(whole), 'gzip, gzip'],
    ['a packing that we do not know', noise, 'zstd'],
    ['nothing', Buffer.alloc(0), 'gzip'],
    ['no answer of the API', whole, ''],
  ] as const) {
    const { record } = await served(body, coding, coding === '' ? 'application/octet-stream' : undefined);
    assert.is(record.tokens, null, what);
  }
});

test('an answer that unpacks to far more than it is, or is too long to be kept, has no tokens', async () => {
  const bomb = gzipSync(Buffer.concat([Buffer.alloc(200_000_000), json(5)]));
  assert.ok(bomb.length < 1_000_000);
  assert.is((await served(bomb, 'gzip')).record.tokens, null);
  const long = gzipSync(Buffer.concat([randomBytes(1_100_000), json(5)]));
  assert.is((await served(long, 'gzip')).record.tokens, null);
});

test('one connection serves packed and plain answers in turn, each with its tokens', async () => {
  await withProxy(
    {},
    (call, response) => {
      const n = Number(/n=(\d)/.exec(call.url)?.[1]);
      const body = json(n);
      response.setHeader('content-type', 'application/json');
      if (n % 2 === 0) response.end(body);
      else response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync(body));
    },
    async (proxied) => {
      for (let n = 0; n < 6; n++) await ask(proxied, { path: `${GENERATE}?n=${n}` });
      const records = await proxied.recorded(6);
      assert.equal(
        records.map(({ tokens }) => tokens),
        [0, 1, 2, 3, 4, 5],
      );
    },
  );
});

test("Google's SDK asks for packed answers, and they have their tokens", async () => {
  await withProxy(
    {},
    (call, response) => {
      const asked = String(call.headers['accept-encoding']).split(/,\s*/);
      const name = asked.includes('br') ? 'br' : 'gzip';
      assert.ok(asked.includes(name));
      const body = JSON.stringify(answerOf('hello', call.url.includes('stream') ? 8 : 7));
      const streams = call.url.includes('stream');
      response.writeHead(200, {
        'content-type': streams ? 'text/event-stream' : 'application/json; charset=UTF-8',
        'content-encoding': name,
      });
      response.end(packed[name]?.(Buffer.from(streams ? `data: ${body}\r\n\r\n` : body)));
    },
    async (proxied) => {
      const { models } = new GoogleGenAI({ apiKey: API_KEY, httpOptions: { baseUrl: proxied.url } });
      const asked = { model: 'gemini-3-flash', contents: 'hi' };
      assert.is((await models.generateContent(asked)).text, 'hello');
      for await (const part of await models.generateContentStream(asked)) assert.is(part.text, 'hello');
      assert.equal(
        (await proxied.recorded(2)).map(({ tokens }) => tokens),
        [7, 8],
      );
    },
  );
});

test.run();
