/** Google's own SDK and curl, unmodified, with the proxy as their base URL. Files and caches: stored.test.ts. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ApiError, GoogleGenAI } from '@google/genai';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, type Proxied, type ProxyOptions, reply, withProxy } from '../../support/proxy.js';

const model = 'gemini-2.5-flash';
const contents = 'What is a refresh token?';
const sentence =
  'A refresh token is a promise that its owner can take back at any time. Until then it buys an hour at a time.';

const expired = (id: string) => ({ id, accessEndsIn: -10, refreshToken: `1//0grant-of-${id}-abc` });
const two: ProxyOptions = { accounts: [expired('a1'), expired('b2')], baseUrls: 'google' };

/** The SDK in front of the proxy in front of the simulated Google, which honours the grants of both accounts. */
const withSdk = (use: (sdk: GoogleGenAI, proxied: Proxied) => Promise<void>, apiKey = API_KEY): Promise<void> =>
  withProxy(
    two,
    () => undefined,
    async (proxied) => {
      for (const id of ['a1', 'b2']) proxied.google.grant(`1//0grant-of-${id}-abc`, { email: `${id}@example.com` });
      await use(new GoogleGenAI({ apiKey, httpOptions: { baseUrl: proxied.url } }), proxied);
    },
  );

async function streamed(sdk: GoogleGenAI): Promise<string[]> {
  const parts: string[] = [];
  for await (const part of await sdk.models.generateContentStream({ model, contents })) parts.push(part.text ?? '');
  return parts;
}

test('it generates, streams, counts and lists', async () => {
  await withSdk(async (sdk, proxied) => {
    const answer = await sdk.models.generateContent({ model, contents });
    assert.is(answer.text, sentence);
    const parts = await streamed(sdk);
    assert.ok(parts.length > 1);
    assert.is(parts.join(''), sentence);
    assert.ok(((await sdk.models.countTokens({ model, contents })).totalTokens ?? 0) > 0);
    const names: string[] = [];
    for await (const { name } of await sdk.models.list()) names.push(name ?? '');
    assert.ok(names.includes(`models/${model}`));
    const records = await proxied.recorded(4);
    assert.equal(new Set(records.map(({ account }) => account)), new Set(['a1@example.com', 'b2@example.com']));
    assert.equal(
      records.map(({ stream }) => stream),
      [false, true, false, false],
    );
    for (const { headers, search } of proxied.google.calls.gemini) {
      assert.is(headers['x-goog-api-key'], undefined);
      assert.not.match(search, /key/);
    }
  });
});

test('it sees nothing of an account that dies under it', async () => {
  await withSdk(async (sdk, proxied) => {
    assert.is((await sdk.models.generateContent({ model, contents })).text, sentence);
    assert.is((await sdk.models.generateContent({ model, contents })).text, sentence);
    proxied.google.revoke('1//0grant-of-a1-abc');
    proxied.google.expireAccess();
    for (let n = 0; n < 4; n++) {
      assert.is((await sdk.models.generateContent({ model, contents })).text, sentence);
      assert.is((await streamed(sdk)).join(''), sentence);
    }
    assert.is(proxied.pool.counts().disabled, 1);
    const sent = proxied.google.calls.token.filter(({ refreshToken }) => refreshToken === '1//0grant-of-a1-abc');
    assert.is(sent.length, 2);
    const records = await proxied.recorded(10);
    assert.equal(new Set(records.map(({ status }) => status)), new Set([200]));
    assert.equal(
      records.flatMap(({ left }) => left),
      ['a1: refresh failed: invalid_grant'],
    );
  });
});

test('five megabytes of inline data arrive', async () => {
  await withSdk(async (sdk, proxied) => {
    const data = Buffer.alloc(5 * 1_048_576, 'regrant').toString('base64');
    const answer = await sdk.models.generateContent({
      model,
      contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data } }] }],
    });
    assert.is(answer.text, sentence);
    assert.ok(proxied.google.calls.gemini.at(-1)?.body.includes(data));
  });
});

/** What curl prints: the body, then the status on a line of its own. */
async function curl(...args: string[]): Promise<{ status: number; json: unknown }> {
  const words = ['--silent', '--show-error', '--noproxy', '*', '--write-out', '\n%{http_code}', ...args];
  const { stdout } = await promisify(execFile)('curl', words);
  const [status, ...lines] = stdout.split('\n').reverse();
  return { status: Number(status), json: JSON.parse(lines.reverse().join('\n')) };
}

test('curl with ?key= is served, and with a wrong key is told so in Google’s shape', async () => {
  await withSdk(async (_sdk, { url, google }) => {
    const call = `${url}/v1beta/models/${model}:generateContent`;
    const body = [
      '-H',
      'Content-Type: application/json',
      '-d',
      JSON.stringify({ contents: [{ parts: [{ text: 'hi' }] }] }),
    ];
    const good = await curl(`${call}?key=${API_KEY}`, ...body);
    assert.is(good.status, 200);
    assert.ok(JSON.stringify(good.json).includes(sentence));
    assert.is(google.calls.gemini.at(-1)?.search, '');
    const wrong = await curl(`${call}?key=sk-wrong`, ...body);
    const { error } = wrong.json as { error: { code: number; status: string; message: string } };
    assert.equal([wrong.status, error.code, error.status], [401, 401, 'UNAUTHENTICATED']);
    assert.match(error.message, /not the one of this regrant/);
  });
});

test("it understands the proxy's own errors", async () => {
  const failure = (sdk: GoogleGenAI) =>
    sdk.models.generateContent({ model, contents }).then(
      () => null,
      (error: unknown) => error,
    );
  await withSdk(async (sdk) => {
    const error = await failure(sdk);
    assert.ok(error instanceof ApiError && error.status === 401);
  }, 'sk-wrong-key');
  await withSdk(async (sdk, proxied) => {
    for (const id of ['a1', 'b2']) proxied.google.revoke(`1//0grant-of-${id}-abc`);
    const error = await failure(sdk);
    assert.ok(error instanceof ApiError && error.status === 503);
    assert.match(error.message, /no account can serve: 2 disabled \(invalid_grant\)/);
  });
});

test('its interactions are asked for again after an own 429, when that says so', async () => {
  const interaction = { id: 'v1_a', object: 'interaction', model, status: 'completed', outputs: [] };
  const sdkOf = ({ url }: Proxied): GoogleGenAI => new GoogleGenAI({ apiKey: API_KEY, httpOptions: { baseUrl: url } });
  let asked = 0;
  await withProxy(
    { accounts: [{ id: 'a1' }] },
    (_call, response) => {
      asked += 1;
      if (asked > 1) reply(response, 200, interaction);
      else reply(response, 429, {}, { 'retry-after': '1' });
    },
    async (proxied) => {
      assert.is((await sdkOf(proxied).interactions.create({ model, input: 'hi' })).id, 'v1_a');
      assert.is(proxied.records.at(-1)?.status, 200);
      assert.ok(proxied.records.length > 1, 'it has asked again by itself');
    },
  );
});

test.run();
