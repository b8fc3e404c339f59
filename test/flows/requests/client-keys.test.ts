/** Client keys from making to revoking, on the whole program: what each may, what it used, and what ends it. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, withHouse, type House } from '../../support/house.js';
import { pause } from '../../support/pause.js';
import { withUpstream } from '../../support/proxy.js';
import type { Google } from '../../support/google.js';
import type { KeyRules } from '../../../src/proxy/contract/operations.js';

const test = suite('client keys');
const anna = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0anna' };
const prepare = (google: Google): void => google.grant(anna.refreshToken, { email: anna.email });

async function made(house: House, name: string, rules: KeyRules = {}): Promise<string> {
  const { ok, text, key } = await house.supervisor.operations.addKey(name, rules);
  assert.ok(ok, text);
  return key ?? '';
}

const ask = (house: House, key: string, path = '/v1beta/models/gemini-3-flash:generateContent'): Promise<Response> =>
  fetch(`http://${house.supervisor.address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': key },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }),
  });
const status = async (answer: Promise<Response>): Promise<number> => {
  const response = await answer;
  await response.arrayBuffer();
  return response.status;
};

test('a key lets in, is kept as a hash alone, and its name stands in the record', () =>
  withHouse({ accounts: [anna], prepare }, async (house) => {
    const key = await made(house, 'ci');
    assert.match(key, /^[A-Za-z0-9_-]{32,}$/);
    assert.not.match(await made(house, 'night-jobs'), /night/);
    assert.is(await status(ask(house, key)), 200);
    assert.is(await status(ask(house, API_KEY)), 200);
    assert.is(await status(ask(house, `${key}x`)), 401);
    const file = await readFile(house.dir.at('keys.json'), 'utf8');
    assert.not.match(file, new RegExp(key));
    assert.match(file, /"schema": ?1/);
    for (const name of ['-', '', 'a b', '__proto__', 'a/b', 'x'.repeat(65), 'ci', 'default'])
      assert.not(
        (await house.supervisor.operations.addKey(name, {})).ok,
        `"${name}", which usage or the file cannot tell`,
      );
    const rows = await house.supervisor.operations.keys();
    assert.equal(
      rows.map(({ name, requestsToday }) => [name, requestsToday]),
      [
        ['default', 1],
        ['ci', 1],
        ['night-jobs', 0],
      ],
    );
  }));

test('off, expired and revoked keys get a 401; on lets in again; default is never revoked', () =>
  withHouse({ accounts: [anna], prepare }, async (house) => {
    const { operations } = house.supervisor;
    const key = await made(house, 'ci');
    await operations.setKey('ci', { off: true });
    assert.is(await status(ask(house, key)), 401);
    await operations.setKey('ci', { off: false, expires: 1 });
    assert.is(await status(ask(house, key)), 401);
    await operations.setKey('ci', { expires: null });
    assert.is(await status(ask(house, key)), 200);
    assert.ok((await operations.revokeKey('ci')).ok);
    assert.is(await status(ask(house, key)), 401);
    assert.not((await operations.revokeKey('default')).ok);
    await operations.setKey('default', { off: true });
    assert.is(await status(ask(house, API_KEY)), 401);
  }));

test('a rotated key ends the one before at once, or lets it in for its grace', () =>
  withHouse({ accounts: [anna], prepare }, async (house) => {
    const { operations } = house.supervisor;
    const first = await made(house, 'ci');
    const second = (await operations.rotateKey('ci', 3600)).key ?? '';
    assert.equal([await status(ask(house, first)), await status(ask(house, second))], [200, 200]);
    const third = (await operations.rotateKey('ci', 0)).key ?? '';
    assert.equal([await status(ask(house, second)), await status(ask(house, third))], [401, 200]);
    const own = (await operations.rotateKey('default', 0)).key ?? '';
    assert.equal([await status(ask(house, API_KEY)), await status(ask(house, own))], [401, 200]);
    assert.is(house.supervisor.apiKey, own);
    assert.match(await readFile(house.dir.at('settings.json'), 'utf8'), new RegExp(own));
  }));

test('a model that a key may not use is a 403 in the protocol of who asks, before any account is picked', () =>
  withHouse({ accounts: [anna], prepare }, async (house) => {
    const key = await made(house, 'ci', { models: ['gemini-2.5-*'] });
    const refused = await ask(house, key);
    assert.is(refused.status, 403);
    assert.is(((await refused.json()) as { error: { status: string } }).error.status, 'PERMISSION_DENIED');
    assert.is(await status(ask(house, key, '/v1beta/models/gemini-2.5-flash:generateContent')), 200);
    assert.is(house.google.generated().length, 1);
    for (const [path, body] of [
      ['cachedContents', { ttl: '60s', model: 'models/gemini-3-flash' }],
      ['interactions', { model: 'gemini-3-flash', input: 'hi' }],
      ['models/gemini-2.5-flash:batchEmbedContents', { requests: [{ model: 'models/gemini-3-flash' }] }],
    ] as const) {
      const address = `http://${house.supervisor.address}/v1beta/${path}`;
      const headers = { 'x-goog-api-key': key };
      const named = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) });
      assert.is(named.status, 403, path);
      await named.arrayBuffer();
    }
    assert.is(house.google.generated().length, 1);
    const claude = await fetch(`http://${house.supervisor.address}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model: 'gemini-3-flash', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }),
    });
    assert.is(claude.status, 403);
    assert.is(((await claude.json()) as { error: { type: string } }).error.type, 'permission_error');
    const openai = await fetch(`http://${house.supervisor.address}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'gemini-3-flash', messages: [{ role: 'user', content: 'hi' }] }),
    });
    assert.equal(
      [openai.status, ((await openai.json()) as { error: { code: string } }).error.code],
      [403, 'model_not_allowed'],
    );
  }));

test('limits of requests and of tokens are a 429 with the time, and nobody is asked', () =>
  withHouse({ accounts: [anna], prepare }, async (house) => {
    const few = await made(house, 'few', { requestsPerMinute: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push(await status(ask(house, few)));
    assert.equal(statuses.filter((one) => one === 200).length, 2);
    const spent = await made(house, 'spent', { tokensPerDay: 1 });
    assert.is(await status(ask(house, spent)), 200);
    const before = house.google.generated().length;
    const refused = await ask(house, spent);
    assert.is(refused.status, 429);
    const seconds = Number(refused.headers.get('retry-after'));
    assert.ok(seconds > 60 ? seconds <= 90_000 : seconds > 0);
    assert.match(await refused.text(), /tokens a day/);
    assert.is(house.google.generated().length, before);
    assert.equal(
      house.events.filter((event) => event.startsWith('key_limit')),
      ['few has used its 2 requests a minute', 'spent has used its 1 tokens a day'].map(
        (text) => `key_limit  the key ${text}`,
      ),
    );
    // over a restart too
    await house.stop();
    await house.start();
    assert.is(await status(ask(house, spent)), 429);
  }));

test('never more at the same time than a key may, and what it may comes back', () =>
  withHouse({ accounts: [anna], prepare }, async (house) => {
    const key = await made(house, 'ci', { maxInFlight: 1 });
    let goOn = (): void => undefined;
    const held = new Promise<undefined>((resolve) => (goOn = () => resolve(undefined)));
    house.google.upstream(() => held);
    const first = ask(house, key);
    await house.google.until(({ gemini }) => gemini.length > 0);
    const second = await ask(house, key);
    assert.equal([second.status, second.headers.get('retry-after')], [429, '1']);
    goOn();
    assert.is(await status(first), 200);
    house.google.upstream(null);
    assert.is(await status(ask(house, key)), 200);
  }));

/** Answers a stream's first event at once and its next one 600 ms later; what is no stream is never answered. */
const slowly: RequestListener = (request, response) => {
  request.resume();
  if (request.url?.includes('stream') !== true) return;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = 'data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\r\n\r\n';
  response.write(event);
  setTimeout(() => response.write(event), 600).unref();
};

test('what runs with a key ends within a second of the key, however that ends; the others do not notice', () =>
  withUpstream(slowly, ({ url }) =>
    withHouse({ accounts: [anna], prepare, settings: { upstream: { baseUrls: [url] } } }, async (house) => {
      const { operations } = house.supervisor;
      const ends: Readonly<Record<string, (name: string) => Promise<unknown>>> = {
        off: (name) => operations.setKey(name, { off: true }),
        expired: (name) => operations.setKey(name, { expires: 1 }),
        rotated: (name) => operations.rotateKey(name, 0),
        revoked: (name) => operations.revokeKey(name),
      };
      for (const [name, end] of Object.entries(ends)) {
        const key = await made(house, name);
        const [own, other] = await Promise.all([key, API_KEY].map((one) => streamed(house, one)));
        const cut = Promise.allSettled([ask(house, key), own?.read()]);
        while (house.supervisor.inFlight() < 3) await pause(5);
        const from = performance.now();
        await end(name);
        assert.equal(
          (await cut).map(({ status }) => status),
          ['rejected', 'rejected'],
          name,
        );
        assert.ok(performance.now() - from < 500, `${name}: ${performance.now() - from} ms`);
        assert.is((await other?.read())?.done, false, 'the other one has its next event');
        await other?.cancel();
        while (house.supervisor.inFlight() > 0) await pause(5);
      }
    }),
  ));

/** A stream of which the first event has come. */
async function streamed(house: House, key: string): Promise<ReadableStreamDefaultReader<Uint8Array> | undefined> {
  const reader = (
    await ask(house, key, '/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse')
  ).body?.getReader();
  await reader?.read();
  return reader;
}

test('keys.json is followed: an edit counts within a second, a broken one changes nothing, unknown keys survive', () =>
  withHouse({ accounts: [anna], prepare }, async (house) => {
    const key = await made(house, 'ci');
    const file = house.dir.at('keys.json');
    const json = JSON.parse(await readFile(file, 'utf8')) as { keys: { ci: Record<string, unknown> }; mine?: number };
    await writeFile(file, 'no json');
    const until = async (wanted: number): Promise<void> => {
      const end = Date.now() + 3_000;
      // a connection that a 401 closes may be reused just then
      while ((await status(ask(house, key)).catch(() => 0)) !== wanted) assert.ok(Date.now() < end, `not ${wanted}`);
    };
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.is(await status(ask(house, key)), 200);
    assert.is(house.supervisor.snapshot().banners.filter(({ code }) => code === 'keys_wrong').length, 1);
    await rm(file);
    await house.until(() => house.supervisor.snapshot().banners.some(({ text }) => text.includes('keys.json is gone')));
    assert.match((await house.supervisor.operations.reload()).text, /keys\.json is gone/);
    assert.match((await house.supervisor.operations.setKey('ci', { pin: true })).text, /keys\.json is gone/);
    assert.is(await status(ask(house, key)), 200);
    const told = (): number => house.events.filter((event) => event.includes('client keys')).length;
    assert.is(told(), 1);
    json.keys.ci.off = true;
    json.keys.ci.theirs = 'kept';
    json.mine = 7;
    await writeFile(file, JSON.stringify(json));
    await until(401);
    await house.supervisor.operations.setKey('ci', { off: false });
    await until(200);
    const after = JSON.parse(await readFile(file, 'utf8')) as typeof json;
    assert.equal([after.mine, after.keys.ci.theirs, after.keys.ci.off], [7, 'kept', false]);
    assert.equal([house.supervisor.snapshot().banners.length, told()], [0, 2]);
  }));

test('what was used is told by day, key and model, equal to what Google said, and over a restart', () =>
  withHouse({ accounts: [anna], prepare }, async (house) => {
    const key = await made(house, 'ci');
    for (let i = 0; i < 3; i++) assert.is(await status(ask(house, key)), 200);
    const stream = '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse';
    assert.is(await status(ask(house, API_KEY, stream)), 200);
    const sums = () => house.supervisor.operations.usage('2020-01-01', '2100-01-01', ['key', 'model']);
    const before = await sums();
    assert.equal(
      before.map(({ key, model, requests, unread }) => [key, model, requests, unread]),
      [
        ['ci', 'gemini-3-flash', 3, 0],
        ['default', 'gemini-2.5-pro', 1, 0],
      ],
    );
    assert.ok(before.every(({ in: given, out }) => given > 0 && out > 0));
    await house.stop();
    await house.start();
    assert.equal(await sums(), before);
  }));

test.run();
