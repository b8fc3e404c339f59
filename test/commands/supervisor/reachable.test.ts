import type { NetworkInterfaceInfo } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addressesOutside, isEverywhere, reachable } from '../../../src/commands/supervisor/reachable.js';

test('an address to listen on everywhere is reached by the loopback, and known for what it is', () => {
  for (const [address, connect] of [
    ['0.0.0.0:8045', '127.0.0.1:8045'],
    ['[::]:8045', '[::1]:8045'],
  ] as const) {
    assert.is(reachable(address), connect);
    assert.ok(isEverywhere(address));
  }
  for (const address of ['127.0.0.1:8045', '[::1]:1', '10.0.0.0:80', 'box:8045']) {
    assert.is(reachable(address), address);
    assert.not.ok(isEverywhere(address));
  }
});

test('what other machines can use comes with IPv4 first, without loopback and link-local addresses', () => {
  const one = (address: string, family: 'IPv4' | 'IPv6', internal = false): NetworkInterfaceInfo => ({
    address,
    family,
    internal,
    netmask: '',
    mac: '',
    cidr: null,
    scopeid: 0,
  });
  const found = addressesOutside({
    lo: [one('127.0.0.1', 'IPv4', true), one('::1', 'IPv6', true)],
    eth0: [one('fe80::1', 'IPv6'), one('2001:db8::5', 'IPv6'), one('192.0.2.5', 'IPv4')],
    down: undefined,
  });
  assert.equal(found, ['192.0.2.5', '2001:db8::5']);
});

test.run();
