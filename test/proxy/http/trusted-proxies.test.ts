import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TrustedProxies } from '../../../src/proxy/http/trusted-proxies.js';

const said = {
  Host: 'inner:8045',
  'X-Forwarded-Proto': 'https, http',
  'X-Forwarded-Host': 'api.example',
  'X-Forwarded-Prefix': '/gemini/pool//',
};
const caller = (remoteAddress: string, headers: Record<string, string> = said) => ({
  rawHeaders: Object.entries(headers).flat(),
  socket: { remoteAddress, localAddress: '127.0.0.1', localPort: 8045 },
});

test('what a trusted proxy says of scheme, host and prefix counts; of anybody else nothing does', () => {
  const trusted = new TrustedProxies(['10.0.0.0/8', '192.168.1.7', 'fd00::/16']);
  for (const address of ['10.2.3.4', '::ffff:10.2.3.4', '192.168.1.7', 'fd00::1']) {
    assert.is(trusted.baseUrlOf(caller(address)), 'https://api.example/gemini/pool', address);
  }
  for (const address of ['11.2.3.4', '192.168.1.8', 'fd01::1', '127.0.0.1', '']) {
    assert.is(trusted.baseUrlOf(caller(address)), 'http://inner:8045', address);
  }
});

test('what could not stand in an address is passed over', () => {
  const trusted = new TrustedProxies(['127.0.0.1']);
  const of = (name: string, value: string) => trusted.baseUrlOf(caller('127.0.0.1', { Host: 'h', [name]: value }));
  for (const prefix of ['gemini', '/', '', '/a b', '/a"<x>', 'https://evil.example/']) {
    assert.is(of('X-Forwarded-Prefix', prefix), 'http://h', prefix);
  }
  for (const host of ['a/b', 'a b', '', 'u@h']) assert.is(of('X-Forwarded-Host', host), 'http://h', host);
  assert.is(of('X-Forwarded-Proto', 'ftp'), 'http://h');
});

test('where the client is: the socket, or the last one passed on that is no trusted proxy', () => {
  const trusted = new TrustedProxies(['10.0.0.0/8', '127.0.0.1']);
  const of = (address: string, ...passed: string[]) =>
    trusted.clientOf({
      rawHeaders: passed.flatMap((value) => ['x-forwarded-For', value]),
      socket: { remoteAddress: address },
    });
  assert.is(of('127.0.0.1'), '127.0.0.1');
  assert.is(of('::ffff:8.8.4.4', '1.2.3.4'), '8.8.4.4', 'nobody vouches for what it says');
  assert.is(of('127.0.0.1', '6.6.6.6, 1.2.3.4, 10.9.9.9'), '1.2.3.4');
  assert.is(of('127.0.0.1', '6.6.6.6', '1.2.3.4', ' 10.9.9.9 '), '1.2.3.4', 'several headers are one list');
  assert.is(of('10.1.1.1', '::ffff:1.2.3.4'), '1.2.3.4');
  assert.is(of('10.1.1.1', '[2001:db8::1]:443'), '2001:db8::1');
  assert.is(of('10.1.1.1', '1.2.3.4:5555'), '1.2.3.4');
  assert.is(of('10.1.1.1', '1.2.3.4, "><script>'), '10.1.1.1', 'what is no address is nobody');
  assert.is(of('10.1.1.1', '10.2.2.2, 10.3.3.3'), '10.1.1.1');
  assert.is(new TrustedProxies([]).clientOf({ rawHeaders: [], socket: {} }), null);
});

test.run();
