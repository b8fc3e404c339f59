import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSettings, saveOAuthClient, SettingsError } from '../../src/store/settings.js';
import { withDirectory } from '../support/directory.js';

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

test('a file that is no JSON is not overwritten', () =>
  withFile('{"proxy": ', async (file) => {
    assert.throws(() => saveOAuthClient(file, {}, given), /settings\.json is .*mend it/);
    assert.is(await readFile(file, 'utf8'), '{"proxy": ');
  }));

test.run();
