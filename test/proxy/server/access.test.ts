import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Access, type Credentials } from '../../../src/proxy/server/access.js';
import { CorsOrigins } from '../../../src/proxy/server/cors.js';
import { NamedKeys } from '../../../src/proxy/clients/client-keys.js';

const key = 'sk-right';
const access = (
  authMode: 'off' | 'strict' | 'all_except_health' | 'auto',
  { cors = [], ...more }: Partial<ConstructorParameters<typeof Access>[0] & { cors: string[] }> = {},
) => new Access({ authMode, host: '127.0.0.1', allowedHosts: [], ...more }, new CorsOrigins(cors));
/** What these keys come to where that one is let in. */
function offering(keys: readonly string[], apiKey = key): Pick<Credentials, 'key'> {
  const named = new NamedKeys(apiKey, new Map(), () => 0);
  return { key: keys.some((offered) => named.find(offered) !== null) ? 'known' : 'unknown' };
}
const asked = (more: Partial<Credentials> = {}): Credentials => ({
  method: 'GET',
  path: '/v1beta/models',
  key: 'none',
  host: '127.0.0.1:8045',
  origin: null,
  isCrossSite: false,
  localAddress: '127.0.0.1',
  localPort: 8045,
  ...more,
});

test('each mode asks for a key where it says', () => {
  for (const [mode, host, other, health] of [
    ['strict', '127.0.0.1', 'no_key', 'no_key'],
    ['all_except_health', '127.0.0.1', 'no_key', 'granted'],
    ['off', '127.0.0.1', 'granted', 'granted'],
    ['auto', '127.0.0.1', 'granted', 'granted'],
    ['auto', 'localhost', 'granted', 'granted'],
    ['auto', '0.0.0.0', 'no_key', 'granted'],
  ] as const) {
    const judge = access(mode, { host });
    assert.is(judge.judge(asked()), other, `${mode} ${host}`);
    assert.is(judge.judge(asked({ path: '/healthz' })), health, `${mode} ${host} health`);
    assert.is(judge.keyRequired, other === 'no_key');
  }
});

test('only the health routes themselves and the root, where it is read, need no key', () => {
  for (const path of ['/healthz/', '//healthz', '/HEALTHZ', '/metrics']) {
    assert.is(access('all_except_health').judge(asked({ path })), 'no_key', path);
  }
  for (const method of ['GET', 'HEAD', 'POST', 'get']) {
    const root = asked({ path: '/', method });
    assert.is(access('all_except_health').judge(root), ['GET', 'HEAD'].includes(method) ? 'granted' : 'no_key', method);
    assert.is(access('strict').judge(root), 'no_key', method);
  }
  // Claude Code asks at the root with its key, by whatever name it calls the proxy
  const root = asked({ path: '/', method: 'HEAD', host: 'box.example:8045' });
  assert.is(access('all_except_health').judge(root), 'foreign_host');
  assert.is(access('all_except_health').judge({ ...root, ...offering([key]) }), 'granted');
});

test('any right key opens, whatever else is offered; nothing near it does', () => {
  const { judge } = { judge: (keys: string[]) => access('strict').judge(asked(offering(keys))) };
  assert.is(judge([key]), 'granted');
  assert.is(judge(['other', key]), 'granted');
  for (const wrong of ['', 'sk-righ', 'sk-right0', 'SK-RIGHT', ' sk-right', 'sk-righу'])
    assert.is(judge([wrong]), 'wrong_key', wrong);
});

test('without a key of its own the proxy opens to no key', () => {
  assert.is(access('strict').judge(asked(offering([''], ''))), 'wrong_key');
});

test('where no key is asked for, Host must be an address of the listener, localhost or allowed', () => {
  const open = access('off', { allowedHosts: ['Proxy.lan', '[fd00::1]'] });
  for (const host of [
    '127.0.0.1',
    '127.0.0.1:8045',
    'localhost',
    'LOCALHOST:1',
    'localhost.',
    'proxy.lan:8045',
    '[fd00::1]:80',
  ]) {
    assert.is(open.judge(asked({ host })), 'granted', host);
  }
  for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', '0.0.0.0:8045', '', null]) {
    assert.is(open.judge(asked({ host })), 'foreign_host', String(host));
  }
});

test('the address that a connection came in on counts as one of the listener', () => {
  const open = access('off', { host: '0.0.0.0' });
  assert.is(open.judge(asked({ host: '192.0.2.7:8045', localAddress: '::ffff:192.0.2.7' })), 'granted');
  assert.is(open.judge(asked({ host: '[2001:db8::7]:8045', localAddress: '2001:db8::7' })), 'granted');
  assert.is(open.judge(asked({ host: '0.0.0.0:8045', localAddress: '127.0.0.1' })), 'foreign_host');
});

test('a loopback address is one of a listener at a wildcard: a port that a container publishes leads to another address', () => {
  const open = access('auto', { host: '0.0.0.0' });
  const health = { path: '/livez', localAddress: '10.89.0.2' };
  for (const host of ['127.0.0.1:8045', '127.0.0.2', '[::1]:8045'])
    assert.is(open.judge(asked({ ...health, host })), 'granted', host);
  for (const host of ['127.0.0.1.evil.example', '127.evil.example', '10.89.0.3:8045', '[::2]:8045'])
    assert.is(open.judge(asked({ ...health, host })), 'foreign_host', host);
  const at = access('off', { host: '10.89.0.2' });
  assert.is(at.judge(asked({ host: '10.89.0.2:8045', localAddress: '10.89.0.2' })), 'granted');
  assert.is(at.judge(asked({ host: '127.0.0.1:8045', localAddress: '10.89.0.2' })), 'foreign_host');
});

test('with a key the Host may be any', () => {
  assert.is(access('strict').judge(asked({ ...offering([key]), host: 'proxy.example' })), 'granted');
  assert.is(access('all_except_health').judge(asked({ path: '/healthz', host: 'evil.example' })), 'foreign_host');
});

test('where no key is asked for, a page of another scheme, host or port is refused, unless it is listed whole', () => {
  const cors = ['http://127.0.0.1:3000', 'chrome-extension://abcdef'];
  const open = access('off', { allowedHosts: ['app.lan', 'abc'], cors });
  for (const [origin, host, isCrossSite] of [
    ['http://127.0.0.1:8045'],
    ['http://localhost:8045'],
    ['http://app.lan:8045'],
    // a port that leads here, and TLS in front of a name of our own
    ['http://localhost:9000', 'localhost:9000'],
    ['http://localhost', 'localhost'],
    ['https://app.lan', 'app.lan'],
    ['https://app.lan:8443', 'app.lan:8443'],
    ['http://127.0.0.1:3000', '127.0.0.1:8045', true],
    ['chrome-extension://abcdef', '127.0.0.1:8045', true],
  ] as const) {
    assert.is(open.judge(asked({ origin, host: host ?? '127.0.0.1:8045', isCrossSite })), 'granted', origin);
  }
  for (const origin of [
    ...['https://evil.example', 'http://localhost.evil.example', 'null', '', 'file://', 'chrome-extension://abc'],
    ...[
      'http://localhost:5173',
      'http://127.0.0.1',
      'https://127.0.0.1:8045',
      'https://app.lan',
      'ws://127.0.0.1:8045',
    ],
  ])
    assert.is(open.judge(asked({ origin })), 'foreign_origin', origin);
  assert.is(open.judge(asked({ origin: 'http://localhost:8045', isCrossSite: true })), 'foreign_origin');
  assert.is(
    access('all_except_health').judge(asked({ path: '/healthz', origin: 'https://evil.example' })),
    'foreign_origin',
  );
  assert.is(access('strict').judge(asked({ ...offering([key]), origin: 'https://any.example' })), 'granted');
});

test.run();
