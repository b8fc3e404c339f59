import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exposuresOf } from '../../../src/proxy/contract/exposures.js';
import { defaultSettings, type Settings } from '../../../src/store/settings/schema.js';
import { withHouse } from '../../support/house.js';

const KEY = 'k'.repeat(32);

interface Parts {
  readonly proxy?: Partial<Settings['proxy']>;
  readonly upstream?: Partial<Settings['upstream']>;
  readonly notify?: Partial<Settings['notify']>;
}

const codes = ({ proxy, upstream, notify }: Parts, env: NodeJS.ProcessEnv = {}): readonly string[] =>
  exposuresOf(
    {
      proxy: { ...defaultSettings.proxy, apiKey: KEY, ...proxy },
      upstream: { ...defaultSettings.upstream, ...upstream },
      notify: { ...defaultSettings.notify, ...notify },
    },
    env,
  ).map(({ code, setting }) => `${code} ${setting}`);

test('what leaves nothing open is not warned of', () => {
  assert.equal(codes({}), []);
  assert.equal(codes({ proxy: { authMode: 'off' } }), []);
  assert.equal(codes({ proxy: { authMode: 'auto', host: '::1' } }), []);
  assert.equal(codes({ upstream: { baseUrls: ['http://127.0.0.1:9', 'http://[::1]:9', 'http://localhost'] } }), []);
  assert.equal(codes({}, { NODE_TLS_REJECT_UNAUTHORIZED: '1' }), []);
});

test('no key on an open address, a short key, plain HTTP here and there, and unchecked certificates are', () => {
  assert.equal(codes({ proxy: { host: '0.0.0.0', authMode: 'off' } }), [
    'open proxy.authMode',
    'plain_listener proxy.host',
  ]);
  assert.equal(codes({ proxy: { apiKey: 'k'.repeat(31) } }), ['short_key proxy.apiKey']);
  assert.equal(codes({ proxy: { host: '::' } }), ['plain_listener proxy.host']);
  assert.equal(codes({ upstream: { baseUrls: ['https://a.example', 'http://b.example'] } }), [
    'plain_remote upstream.baseUrls',
  ]);
  assert.equal(codes({ notify: { url: 'http://hooks.example/x' } }), ['plain_remote notify.url']);
  assert.equal(codes({}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }), ['unchecked_tls NODE_TLS_REJECT_UNAUTHORIZED']);
});

test('no text of one has the key or the path of a notice in it', () => {
  const texts = exposuresOf(
    {
      proxy: { ...defaultSettings.proxy, host: '0.0.0.0', apiKey: 'sk-secret' },
      upstream: defaultSettings.upstream,
      notify: { ...defaultSettings.notify, url: 'http://user:pass@hooks.example/secret-path' },
    },
    {},
  ).map(({ text }) => text);
  assert.is(texts.length, 3);
  assert.not.match(texts.join(), /secret|pass/);
});

test('the start says each in the log', () =>
  withHouse({ settings: { proxy: { host: '0.0.0.0', apiKey: 'short', authMode: 'all_except_health' } } }, (house) => {
    assert.ok(house.log.some((line) => line.startsWith('proxy.apiKey: 5 letters can be guessed')));
    assert.ok(house.log.some((line) => line.startsWith('proxy.host: keys and prompts go over the network')));
    return Promise.resolve();
  }));

test.run();
