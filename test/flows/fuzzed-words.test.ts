/** Words that trip programs, as every key and every value of what comes from outside: nobody but who sent them has trouble. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ControlClient } from '../../src/control/client.js';
import { API_KEY, ask, withApp, type App } from '../support/app.js';
import { account } from '../support/directory.js';
import { pause } from '../support/pause.js';

const words: readonly unknown[] = [
  ...['constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', ''],
  ...['a\u0000b', '\ud800', '\udc00x', '\u202e', '\u001b]0;x\u0007', 'x'.repeat(300_000)],
  ...[1e308, -1e308, -0, Number.MAX_SAFE_INTEGER + 2, null, true, [], {}, [[[[]]]]],
];

type Json = Record<string, unknown>;

/** An object with an own `__proto__`, which only a parser or this can make. */
const withKey = (object: Json, key: string, value: unknown): Json =>
  Object.defineProperty({ ...object }, key, { value, enumerable: true, configurable: true, writable: true });

/** The object with each of its keys, at any depth, given this value, and with the word as a key of its own. */
function* bent(object: Json, word: unknown): Generator<Json> {
  if (typeof word === 'string') yield withKey(object, word, { x: 1 });
  for (const [key, value] of Object.entries(object)) {
    yield withKey(object, key, word);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const inner of bent(value as Json, word)) yield withKey(object, key, inner);
    }
  }
}

const request: Json = {
  ...{
    model: 'gemini-3-flash',
    messages: [{ role: 'user', content: 'hi' }],
    input: 'hi',
    max_tokens: 9,
    stream: false,
  },
  ...{
    contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
    tools: [],
    tool_choice: 'auto',
    metadata: { user_id: 'x' },
  },
  ...{ response_format: { type: 'text' }, generationConfig: { temperature: 1 }, thinking: { type: 'disabled' } },
};
const paths = [
  '/v1/messages',
  '/v1/chat/completions',
  '/v1/responses',
  '/v1beta/models/gemini-3-flash:generateContent',
  '/v1beta/interactions',
];
const answer: Json = {
  ...{ candidates: [{ content: { parts: [{ text: 'x' }], role: 'model' }, finishReason: 'STOP' }] },
  ...{ usageMetadata: { totalTokenCount: 1, promptTokenCount: 1 }, modelVersion: 'x', response: { a: 1 } },
  error: { code: 429, status: 'x', message: 'x', details: [{ '@type': 'x', reason: 'x', metadata: { model: 'x' } }] },
};
const tokens: Json = { access_token: 'ya29.x', expires_in: 3599, scope: 'openid', token_type: 'Bearer', error: 'x' };

const good = ['a1', 'b1', 'c1'].map((id) => ({ id, email: `${id}@example.com`, refreshToken: `1//0of-${id}` }));

async function survives(use: (app: App, url: string) => Promise<void>): Promise<void> {
  const settings = { pool: { waitSeconds: 0 }, notify: { command: 'cat >/dev/null' } };
  await withApp({ accounts: good, settings, google: { keepCalls: 10 } }, async (app) => {
    const running = await app.headless();
    await use(app, running.url);
    app.google.upstream(null);
    assert.is(await ask(running.url), 200);
    const { status, stderr } = await running.stop();
    assert.is(status, 0, stderr);
    assert.equal(
      running.lines.filter((line) => line.includes('"A bug')),
      [],
    );
  });
}

test('in requests of every protocol', () =>
  survives(async (_app, url) => {
    for (const path of paths) {
      for (const [turn, word] of words.entries()) {
        const bodies = [...bent(request, word)].filter((_one, at) => (at + turn) % 6 === 0);
        const send = (body: Json): Promise<number> =>
          fetch(url + path, {
            method: 'POST',
            headers: { 'x-api-key': API_KEY, 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }).then(async (response) => {
            await response.arrayBuffer();
            return response.status;
          });
        const statuses = await Promise.all(
          bodies.slice(0, typeof word === 'string' && word.length > 1_000 ? 3 : 99).map(send),
        );
        for (const status of statuses) assert.ok(status < 500 || status === 503, `${path}: ${status}`);
      }
    }
  }));

test('in answers of the upstream and of the token endpoint', () =>
  survives(async (app, url) => {
    const answers = words.flatMap((word) => [...bent(answer, word)]).filter((_one, at) => at % 5 === 0);
    let turn = 0;
    app.google.upstream(({ model }) =>
      model === 'gemini-2.5-pro'
        ? { status: turn % 2 === 0 ? 200 : 429, body: answers[turn++ % answers.length] }
        : undefined,
    );
    for (let sent = 0; sent < 80; sent++) await ask(url, 'gemini-2.5-pro').catch(() => 0);
    const control = await ControlClient.connect(app.dir.at('regrant.sock'));
    if (control === null) throw new Error('nothing runs');
    for (const word of words) {
      for (const body of [...bent(tokens, word)].slice(0, 4)) {
        app.google.script('1//0of-c1', { status: 200, body });
        await control.request('testNow', [['c1']]).catch(() => undefined);
      }
    }
    app.google.unscript('1//0of-c1');
    control.close();
  }));

test('in account files and on the control socket', () =>
  survives(async (app) => {
    const files = words
      .flatMap((word) => [...bent(account({ id: 'evil', email: 'evil@example.com' }), word)])
      .filter((_one, at) => at % 4 === 0);
    for (let at = 0; at < files.length; at += 40) {
      for (const [place, file] of files.slice(at, at + 40).entries()) {
        writeFileSync(
          app.dir.at('accounts', `evil-${place}.json`),
          JSON.stringify(withKey(file, 'id', `evil-${place}`)),
        );
      }
      await pause(120);
    }
    const control = await ControlClient.connect(app.dir.at('regrant.sock'));
    if (control === null) throw new Error('nothing runs');
    await control.request('reload', []);
    for (const word of words.filter((one) => typeof one === 'string' && one.length < 1_000) as string[]) {
      for (const name of ['testNow', 'remove', 'clear'] as const) {
        await control.request(name, [[word]] as never).catch(() => undefined);
      }
      await control.request(word as 'status', []).catch(() => undefined);
    }
    for (const name of readdirSync(app.dir.at('accounts'))) {
      if (name.startsWith('evil')) rmSync(app.dir.at('accounts', name));
    }
    // most files are gone at once: that is held until somebody says that it is meant
    await control.request('reload', []);
    control.close();
  }));

test.run();
