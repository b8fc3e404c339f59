import { mkdir, writeFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SettingsError, settingsLayers } from '../../../src/store/settings/settings.js';
import { withDirectory } from '../../support/directory.js';

test('a secret is taken from its variable, else the file that one names, else the credential, else the settings', () =>
  withDirectory(async (dir) => {
    await dir.settings({
      proxy: { apiKey: 'of-the-file' },
      oauth: { clients: { 'my-app': { id: 'i', secret: 'of-the-file' } } },
    });
    await mkdir(dir.at('credentials'));
    await writeFile(dir.at('key'), 'of-a-named-file\n');
    await writeFile(dir.at('credentials', 'regrant_proxy_api_key'), 'of-a-credential');
    await writeFile(dir.at('credentials', 'regrant_oauth_clients_my_app_secret'), 'client-credential\r\n');
    const settings = (env: NodeJS.ProcessEnv) => settingsLayers(dir.at('settings.json'), env).settings;
    const credential = { CREDENTIALS_DIRECTORY: dir.at('credentials') };
    const named = { ...credential, REGRANT_PROXY_API_KEY_FILE: dir.at('key') };
    const ladder = [{}, credential, named, { ...named, REGRANT_PROXY_API_KEY: 'of-the-variable' }];
    assert.equal(
      ladder.map((env) => settings(env).proxy.apiKey),
      ['of-the-file', 'of-a-credential', 'of-a-named-file', 'of-the-variable'],
    );
    assert.is(settings(credential).oauth.clients['my-app']?.secret, 'client-credential');
    const clientFile = { ...credential, REGRANT_OAUTH_CLIENTS_MY_APP_SECRET_FILE: dir.at('key') };
    assert.is(settings(clientFile).oauth.clients['my-app']?.secret, 'of-a-named-file');
    assert.is(settings({ REGRANT_POOL_STRATEGY_FILE: dir.at('key') }).pool.strategy, 'round-robin');
  }));

test('a file of a secret that cannot be read is one line that names the variable', () =>
  withDirectory((dir) => {
    const env = { REGRANT_PROXY_API_KEY_FILE: dir.at('nowhere') };
    try {
      settingsLayers(dir.at('settings.json'), env);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, SettingsError);
      assert.match(
        (error as Error).message,
        /^REGRANT_PROXY_API_KEY_FILE names .*nowhere, which cannot be read: no such file/,
      );
    }
    return Promise.resolve();
  }));

test.run();
