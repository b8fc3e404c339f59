import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { defaultSettings, SettingsSchema } from '../../../src/store/settings/schema.js';
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

test('a proxy of the environment that cannot be used is said at the start, without its password', () => {
  const table = [
    ['ALL_PROXY', 'socks5://user:pa55@proxy.example:1080', /ALL_PROXY names a socks5 proxy, and SOCKS is not spoken/],
    ['HTTPS_PROXY', 'socks5h://proxy.example:1080', /HTTPS_PROXY names a socks5h proxy/],
    ['HTTP_PROXY', 'SOCKS4://proxy.example', /HTTP_PROXY names a socks4 proxy/],
    ['ALL_PROXY', 'ftp://proxy.example', /ALL_PROXY names a ftp proxy/],
    ['HTTPS_PROXY', 'http://user:pa55#word@proxy.example:3128', /HTTPS_PROXY is no URL of a proxy: .* # as %23/],
    ['https_proxy', 'http://user:pa55%off@proxy.example:3128', /HTTPS_PROXY is no URL of a proxy/],
    ['HTTPS_PROXY', 'user:pa55/word@proxy.example', /HTTPS_PROXY is no URL of a proxy/],
  ] as const;
  for (const [name, value, words] of table) {
    try {
      outboundProxy(none, { [name]: value });
      assert.unreachable(value);
    } catch (error) {
      assert.match(String(error), words);
      assert.not.match(String(error), /pa55/);
    }
    // what the settings say goes before, so nobody is kept from a start
    outboundProxy({ ...none, proxy: 'http://set.example:3128' }, { [name]: value });
  }
});

test('ALL_PROXY is for what no other variable is for: where it is not used, nothing in it keeps from a start', () => {
  const clash = {
    HTTPS_PROXY: 'http://127.0.0.1:7890',
    http_proxy: 'http://127.0.0.1:7890',
    all_proxy: 'socks5://127.0.0.1:7891',
  };
  assert.is(via(none, clash, 'https://oauth2.googleapis.com/token'), '127.0.0.1:7890');
  assert.throws(() => outboundProxy(none, { all_proxy: clash.all_proxy }), /ALL_PROXY names a socks5 proxy/);
  assert.is(via(none, { ALL_PROXY: 'http://all.example:8080' }, 'https://oauth2.googleapis.com/'), 'all.example:8080');
});

test('a proxy of the settings whose password cuts the URL short is refused with what to write, without the password', () => {
  for (const password of ['pa55#word', 'pa55%off', 'pa55/word', '5#5pa55', 'pa55?word']) {
    const found = v.safeParse(SettingsSchema, {
      ...defaultSettings,
      network: { proxy: `http://user:${password}@proxy.example:3128`, noProxy: '' },
    });
    assert.not(found.success, password);
    const said = found.issues?.map(({ message }) => message).join() ?? '';
    assert.match(said, /write # as %23, % as %25/);
    assert.not.match(said, /pa55/);
  }
  const right = 'http://user:pa55%23%25%40%2F@proxy.example:3128';
  assert.ok(v.safeParse(SettingsSchema, { ...defaultSettings, network: { proxy: right, noProxy: '' } }).success);
});

test('noProxy takes addresses, of both families, and nets', () => {
  const straight = [
    ['10.0.0.0/8', 'https://10.1.2.3/'],
    ['fd00::/8', 'https://[fd12::1]/'],
    ['::1', 'https://[::1]/'],
    ['[2001:db8::1]', 'https://[2001:db8:0::1]/'],
    ['192.0.2.7', 'https://192.0.2.7/'],
  ] as const;
  const through = [
    ['10.0.0.0/8', 'https://11.1.2.3/'],
    ['10.0.0.0/8', 'https://ten.example/'],
    ['fd00::/8', 'https://[2001:db8::1]/'],
    ['10.0.0.0/99', 'https://10.1.2.3/'],
    ['0.0.0.0/0', 'https://[2001:db8::1]/'],
  ] as const;
  const env = { HTTPS_PROXY: 'http://env.example:1' };
  for (const [NO_PROXY, url] of straight) assert.is(via(none, { ...env, NO_PROXY }, url), null, `${NO_PROXY} ${url}`);
  for (const [NO_PROXY, url] of through)
    assert.is(via(none, { ...env, NO_PROXY }, url), 'env.example:1', `${NO_PROXY} ${url}`);
});

test.run();
