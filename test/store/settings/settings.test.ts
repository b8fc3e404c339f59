import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSettings, saveOAuthClient, SettingsError } from '../../../src/store/settings/settings.js';
import { withDirectory } from '../../support/directory.js';

const id = '1234-new.apps.googleusercontent.com';
const secret = 'GOCSPX-a-new-secret';
const given = { name: 'default', id, secret };

const withFile = (text: string | null, use: (file: string) => Promise<void>): Promise<void> =>
  withDirectory(async ({ path }) => {
    const file = join(path, 'settings.json');
    if (text !== null) await writeFile(file, text, { mode: 0o600 });
    await use(file);
  });

const jsonOf = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

test('an OAuth client that is saved is all that the file gets', () =>
  withFile(null, async (file) => {
    const settings = saveOAuthClient(file, {}, given);
    assert.equal(settings.oauth.clients.default, { id, secret });
    assert.equal(await jsonOf(file), { oauth: { clients: { default: { id, secret } } } });
    assert.is((await stat(file)).mode & 0o777, 0o600);
  }));

test('what stands in the file already stays, keys that nobody knows too', () =>
  withFile(
    JSON.stringify({
      proxy: { apiKey: 'sk-k' },
      oauth: { x: 1, clients: { default: { id: 'old', y: 2 }, b: { id: 'b' } } },
    }),
    async (file) => {
      saveOAuthClient(file, {}, given);
      assert.equal(await jsonOf(file), {
        proxy: { apiKey: 'sk-k' },
        oauth: { x: 1, clients: { default: { id, y: 2, secret }, b: { id: 'b' } } },
      });
      assert.is(loadSettings(file, {}).oauth.clients.default?.secret, secret);
    },
  ));

test('the environment still lies over the file, and does not get into it', () =>
  withFile('{}', async (file) => {
    const env = { REGRANT_OAUTH_CLIENTS_DEFAULT_ID: 'of-the-environment' };
    assert.is(saveOAuthClient(file, env, given).oauth.clients.default?.id, 'of-the-environment');
    assert.equal(await jsonOf(file), { oauth: { clients: { default: { id, secret } } } });
  }));

const wrong: readonly (readonly [object, RegExp])[] = [
  [{ id: '' }, /the client id is missing/],
  [{ id: secret }, /that is a client secret/],
  [{ id: '1//0token' }, /that is a refresh token/],
  [{ id: 'anna@example.com' }, /that is an e-mail address/],
  [{ id: 'a b' }, /has no blanks/],
  [{ id: 'x'.repeat(513) }, /at most 512 characters/],
  [{ secret: id }, /that is the client id once more/],
  [{ secret: 'a\u0007b' }, /no other characters than ASCII/],
  [{ name: 'No Name' }, /only a-z, 0-9 and -/],
];

test('bad input says what is wrong, without its bytes, and changes nothing', () =>
  withFile('{"proxy":{"apiKey":"sk-k"}}', async (file) => {
    for (const [over, message] of wrong) {
      try {
        saveOAuthClient(file, {}, { ...given, ...over });
        assert.unreachable(JSON.stringify(over));
      } catch (error) {
        assert.instance(error, SettingsError);
        assert.match((error as Error).message, message);
        assert.not.match((error as Error).message, /a-new-secret|0token/);
      }
    }
    assert.is(await readFile(file, 'utf8'), '{"proxy":{"apiKey":"sk-k"}}');
  }));

test('a number of more digits than JavaScript has survives in a key that nobody knows', () =>
  withFile('{"x":{"big":12345678901234567890},"oauth":{"timeoutMs":9000}}', async (file) => {
    assert.is(loadSettings(file, {}).oauth.timeoutMs, 9_000);
    saveOAuthClient(file, {}, given);
    assert.match(await readFile(file, 'utf8'), /"big": 12345678901234567890\n/);
  }));

test('a byte order mark, as editors of another system leave it, is no fault', () =>
  withFile('\uFEFF{"proxy":{"apiKey":"sk-k"}}', async (file) => {
    assert.is(loadSettings(file, {}).proxy.apiKey, 'sk-k');
    saveOAuthClient(file, {}, given);
    assert.equal(await jsonOf(file), { proxy: { apiKey: 'sk-k' }, oauth: { clients: { default: { id, secret } } } });
  }));

test('two that make the first API key at once keep the same one, also where one of them was killed over it', () =>
  withFile('{"x":1}', async (file) => {
    const claim = join(dirname(file), '.regrant-api-key');
    await writeFile(claim, 'sk-of-the-other', { mode: 0o600 });
    assert.is(loadSettings(file, {}).proxy.apiKey, 'sk-of-the-other');
    assert.equal(await jsonOf(file), { x: 1, proxy: { apiKey: 'sk-of-the-other' } });
    assert.is(loadSettings(file, {}).proxy.apiKey, 'sk-of-the-other');
    assert.equal((await readdir(dirname(file))).sort(), ['accounts', 'settings.json']);
  }));

test('the API key is made once, and nothing is left beside the file', () =>
  withFile(null, async (file) => {
    const { apiKey } = loadSettings(file, {}).proxy;
    assert.match(apiKey, /^sk-[\w-]{32}$/);
    assert.is(loadSettings(file, {}).proxy.apiKey, apiKey);
    assert.is(await readFile(file, 'utf8'), `${JSON.stringify({ proxy: { apiKey } }, null, 2)}\n`);
    assert.is((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await readdir(dirname(file))).sort(), ['accounts', 'settings.json']);
  }));

test('an API key that was claimed before there was a file is the one', () =>
  withFile(null, async (file) => {
    await writeFile(join(dirname(file), '.regrant-api-key'), 'sk-of-the-other', { mode: 0o600 });
    assert.is(loadSettings(file, {}).proxy.apiKey, 'sk-of-the-other');
    assert.equal((await readdir(dirname(file))).sort(), ['accounts', 'settings.json']);
  }));

test('a file that is no JSON is not overwritten', () =>
  withFile('{"proxy": ', async (file) => {
    assert.throws(() => saveOAuthClient(file, {}, given), /settings\.json is .*mend it/);
    assert.is(await readFile(file, 'utf8'), '{"proxy": ');
  }));

const oneClient = (client: unknown): string => JSON.stringify({ oauth: { clients: { default: client } } });

/** Settings file, environment, what the one line says after the file's folder. */
const wrongSettings: readonly (readonly [string, NodeJS.ProcessEnv, string])[] = [
  ['{}', { REGRANT_PROXY_ALLOWED_HOSTS: '["a", 1]' }, 'REGRANT_PROXY_ALLOWED_HOSTS: proxy.allowedHosts.1 is 1'],
  ['{}', { REGRANT_UPSTREAM_BASE_URLS: '["ftp://x"]' }, 'REGRANT_UPSTREAM_BASE_URLS: upstream.baseUrls.0 is "ftp://x"'],
  ['{}', { REGRANT_PROXY_PORT: '1e999' }, 'REGRANT_PROXY_PORT: proxy.port is "1e999"'],
  ['{}', { REGRANT_UI_FLASH: 'constructor' }, 'REGRANT_UI_FLASH: ui.flash is "constructor"'],
  [
    '{}',
    { REGRANT_OAUTH_DEFAULT_CLIENT: 'x' },
    'REGRANT_OAUTH_DEFAULT_CLIENT: oauth.defaultClient is "x"; allowed: default',
  ],
  ['{"oauth":{"defaultClient":"constructor"}}', {}, 'settings.json: oauth.defaultClient is "constructor"'],
  [
    '{"oauth":{"clients":{"My_App":{}}}}',
    {},
    'settings.json: oauth.clients.My_App is "My_App"; allowed: clients named',
  ],
  ['{"oauth":{"clients":[]}}', {}, 'settings.json: oauth.clients is (not shown); allowed: an object in braces'],
  ...['[]', 'null', '"open-sesame"', '[{"apiKey":"open-sesame"}]'].map((text): [string, NodeJS.ProcessEnv, string] => [
    text,
    {},
    'settings.json: the file is ',
  ]),
  ['{"ui":["dark"]}', {}, 'settings.json: ui is ["dark"]; allowed: an object in braces'],
  ['{"proxy":null}', {}, 'settings.json: proxy is null; allowed: an object in braces'],
  ['{"proxy":[{"apiKey":"open-sesame"}]}', {}, 'settings.json: proxy is (not shown); allowed: an object in braces'],
  [oneClient('open-sesame'), {}, 'settings.json: oauth.clients.default is (not shown); allowed: an object in braces'],
  [oneClient(['x', 'open-sesame']), {}, 'settings.json: oauth.clients.default is (not shown); allowed: an object in'],
  [oneClient({ secret: ['open-sesame'] }), {}, 'settings.json: oauth.clients.default.secret is (not shown); allowed: '],
  ['{"log":{"level":"GOCSPX-open-sesame"}}', {}, 'settings.json: log.level is "[redacted]"; allowed: '],
];

test('a wrong setting is one line that names where it stands, the key, the value and what is allowed, and no secret', async () => {
  for (const [text, env, line] of wrongSettings) {
    await withFile(text, (file) => {
      try {
        loadSettings(file, env);
        assert.unreachable(line);
      } catch (error) {
        assert.instance(error, SettingsError);
        const { message } = error as Error;
        assert.is(message.replace(/^.*\/(?=settings\.json)/, '').slice(0, line.length), line);
        assert.not.match(message, /sesame|\n/);
      }
      return Promise.resolve();
    });
  }
});

test('a client of the name of what every object has is refused, from the file and the environment, and gets nowhere else', async () => {
  for (const name of ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString']) {
    const variable = `REGRANT_OAUTH_CLIENTS_${name.toUpperCase()}_ID`;
    for (const text of [`{"oauth":{"clients":{"${name}":{"id":"x"}}}}`, `{"oauth":{"clients":{"${name}":{}}}}`]) {
      await withFile(text, (file) => {
        assert.throws(
          () => loadSettings(file, { [variable]: 'polluted' }),
          (error: unknown) =>
            error instanceof SettingsError && /oauth\.clients.* allowed: clients /.test(error.message),
        );
        assert.is(({} as { id?: unknown }).id, undefined);
        return Promise.resolve();
      });
    }
  }
});

test.run();
