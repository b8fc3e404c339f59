import { mkdir, writeFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { settingsInEffect } from '../../../src/store/settings/setting-rows.js';
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

test('each key has its variable, maps as JSON too, which lie over the file name by name, and the source is told', () =>
  withDirectory(async (dir) => {
    await dir.settings({
      oauth: { clients: { own: { id: 'own-id', secret: 'own-secret' } } },
      models: { aliases: { a: 'of-the-file', b: 'of-the-file' } },
      accounts: { 'Ann@example.com': { priority: 1, label: 'Ann' } },
    });
    const env = {
      REGRANT_MODELS_ALIASES: '{"b":"said","c.d":"said"}',
      REGRANT_OAUTH_CLIENTS: '{"own":{"secret":"said"},"more-of":{"id":"x","secret":"y"}}',
      REGRANT_OAUTH_CLIENTS_MORE_OF_ID: 'by its own',
      REGRANT_ACCOUNTS: '{"Ann@example.com":{"priority":7},"bob@example.com":{"maxInFlight":2}}',
    };
    const layers = settingsLayers(dir.at('settings.json'), env);
    const { models, oauth, accounts } = layers.settings;
    assert.equal(models.aliases, { a: 'of-the-file', b: 'said', 'c.d': 'said' });
    assert.equal(oauth.clients.own, { id: 'own-id', secret: 'said' });
    assert.equal(oauth.clients['more-of'], { id: 'by its own', secret: 'y' });
    assert.equal(accounts['Ann@example.com'], { priority: 7, maxInFlight: 0, label: 'Ann' });
    assert.is(accounts['bob@example.com']?.maxInFlight, 2);
    const from = new Map(settingsInEffect(layers).map((row) => [row.key, row.source || row.from]));
    const told = ['models.aliases.a', 'models.aliases.b', 'models.aliases.c\\.d', 'oauth.clients.own.id'];
    assert.equal(
      [...told, 'oauth.clients.more-of.id', 'accounts.Ann@example\\.com.priority'].map((key) => from.get(key)),
      ['file', 'REGRANT_MODELS_ALIASES', 'REGRANT_MODELS_ALIASES', 'file'].concat(
        'REGRANT_OAUTH_CLIENTS_MORE_OF_ID',
        'REGRANT_ACCOUNTS',
      ),
    );
  }));

test('a map in the environment that is none, or has something wrong in it, is one line that names the variable', () =>
  withDirectory((dir) => {
    for (const [env, line] of [
      [{ REGRANT_ACCOUNTS: '[]' }, /^REGRANT_ACCOUNTS: accounts is \[\]; allowed: an object in braces$/],
      [
        { REGRANT_ACCOUNTS: '{"a@b":{"priority":"x"}}' },
        /^REGRANT_ACCOUNTS: accounts\.a@b\.priority is "x"; allowed: /,
      ],
      [{ REGRANT_OAUTH_CLIENTS: 'hush' }, /^REGRANT_OAUTH_CLIENTS: oauth\.clients is \(not shown\); allowed: /],
      [
        { REGRANT_OAUTH_CLIENTS: '{"A_b":{}}' },
        /^REGRANT_OAUTH_CLIENTS: oauth\.clients\.A_b is "A_b"; allowed: clients/,
      ],
      [{ REGRANT_MODELS_ALIASES: '{"a":1}' }, /^REGRANT_MODELS_ALIASES: models\.aliases\.a is 1; allowed: /],
    ] as const)
      assert.throws(
        () => settingsLayers(dir.at('settings.json'), env),
        (error: Error) => line.test(error.message),
      );
    return Promise.resolve();
  }));

test.run();
