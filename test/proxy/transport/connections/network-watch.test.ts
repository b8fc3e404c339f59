import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type NetworkChange, NetworkWatch } from '../../../../src/proxy/transport/connections/network-watch.js';
import { type Clock, systemClock } from '../../../../src/store/ground/clock.js';
import { setClock } from '../../../support/clock.js';
import { ask, withProxy } from '../../../support/proxy.js';

/** A machine whose timers stand still while it sleeps, as those of a real one do. */
function machine() {
  const awake = setClock();
  let sleptMs = 0;
  const clock: Clock = { ...awake, monotonic: () => awake.monotonic() + sleptMs };
  const changes: NetworkChange[] = [];
  const box = { addresses: 'eth0 192.0.2.7' };
  const watch = new NetworkWatch({ clock, onChange: (change) => changes.push(change), addresses: () => box.addresses });
  watch.start();
  const sleep = (ms: number): void => {
    sleptMs += ms;
  };
  return { awake, clock, changes, box, watch, sleep };
}

test('nothing is said while the machine is awake and its addresses are the same', () => {
  const { awake, clock, changes, watch } = machine();
  for (let look = 0; look < 1_000; look++) {
    awake.advance(997);
    watch.note(clock.monotonic());
  }
  assert.equal(changes, []);
});

test('a sleep is noticed with the next look, once', () => {
  const { awake, changes, sleep } = machine();
  awake.advance(7_000);
  sleep(3_600_000);
  awake.advance(5_000);
  assert.equal(changes, ['slept']);
  awake.advance(60_000);
  assert.equal(changes, ['slept']);
});

test('a request right after a sleep notices it, before it is sent', () => {
  const { clock, changes, watch, sleep } = machine();
  sleep(60_000);
  watch.note(clock.monotonic());
  assert.equal(changes, ['slept']);
  watch.note(clock.monotonic());
  assert.equal(changes, ['slept']);
});

test('an address that came, went or changed is noticed', () => {
  const { awake, changes, box } = machine();
  for (const addresses of ['eth0 192.0.2.7\ntun0 10.8.0.2', 'tun0 10.8.0.2', 'tun0 10.8.0.3', '']) {
    box.addresses = addresses;
    awake.advance(5_000);
  }
  assert.equal(changes, ['interfaces', 'interfaces', 'interfaces', 'interfaces']);
});

test('after the stop nothing is looked at', () => {
  const { awake, clock, changes, watch, sleep } = machine();
  watch.stop();
  sleep(3_600_000);
  watch.note(clock.monotonic());
  awake.advance(60_000);
  assert.equal(changes, []);
  assert.is(awake.due.length, 0);
});

/** A socket that is bound, and that nothing in this process reads: as if another process had opened it. */
function handedOver(): number {
  const { _createServerHandle: create } = net as unknown as {
    readonly _createServerHandle: (host: string, port: number, family: 4) => { readonly fd: number };
  };
  return create('127.0.0.1', 0, 4).fd;
}

for (const [whose, listenOn] of [
  ['a port of its own', undefined],
  ['a socket that was handed over', [handedOver()]],
] as const) {
  test(`a proxy that listens on ${whose} notices a sleep before it sends anything`, async () => {
    let sleptMs = 0;
    const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + sleptMs };
    const options = { clock, ...(listenOn !== undefined && { listenOn }) };
    await withProxy(
      options,
      (_call, response) => response.end('{}'),
      async (proxied) => {
        sleptMs = 60_000;
        assert.is((await ask(proxied)).status, 200);
        assert.equal(proxied.networkChanges, ['slept']);
      },
    );
  });
}

test.run();
