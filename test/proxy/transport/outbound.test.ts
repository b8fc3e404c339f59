import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { outboundProxy } from '../../../src/proxy/transport/outbound.js';

const none = { proxy: '', noProxy: '' };
const via = (network: typeof none, env: NodeJS.ProcessEnv, url: string): string | null =>
  outboundProxy(network, env)(new URL(url))?.host ?? null;

test('the settings go before the environment', () => {
  const network = { proxy: 'http://set.example:3128', noProxy: '' };
  assert.is(
    via(network, { HTTPS_PROXY: 'http://env.example:1' }, 'https://oauth2.googleapis.com/token'),
    'set.example:3128',
  );
});

test('the environment is read as curl reads it', () => {
  const env = { HTTPS_PROXY: 'env.example:1', http_proxy: 'http://plain.example:2' };
  assert.is(via(none, env, 'https://oauth2.googleapis.com/token'), 'env.example:1');
  assert.is(via(none, env, 'http://other.example/'), 'plain.example:2');
  assert.is(via(none, { ALL_PROXY: 'http://all.example:3' }, 'https://x.example/'), 'all.example:3');
  assert.is(via(none, {}, 'https://x.example/'), null);
});

test('what noProxy names goes straight, and so does loopback where only the environment names a proxy', () => {
  const env = {
    HTTPS_PROXY: 'http://env.example:1',
    HTTP_PROXY: 'http://env.example:1',
    NO_PROXY: 'googleapis.com, .corp.example,x.example:8443',
  };
  assert.is(via(none, env, 'https://oauth2.googleapis.com/token'), null);
  assert.is(via(none, env, 'https://notgoogleapis.com/'), 'env.example:1');
  assert.is(via(none, env, 'https://a.corp.example/'), null);
  assert.is(via(none, env, 'https://x.example:8443/'), null);
  assert.is(via(none, env, 'https://x.example/'), 'env.example:1');
  assert.is(via(none, env, 'http://127.0.0.1:9/'), null);
  assert.is(via({ ...none, noProxy: '*' }, env, 'https://x.example/'), null);
});

test.run();
