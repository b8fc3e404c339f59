import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Holds } from '../../../src/proxy/forward/holds.js';
import { setClock } from '../../support/clock.js';

for (const [readyInMs, isServed] of [
  [9_999, true],
  [10_000, true],
  [10_001, false],
] as const) {
  test(`of ten seconds, a request whose account is ready after ${readyInMs} ms is ${isServed ? '' : 'not '}served`, async () => {
    const clock = setClock();
    let isReady = false;
    const pool = {
      ...{ waitMs: 10_000, onChange: () => () => undefined },
      advance: () => (isReady = clock.monotonic() >= readyInMs),
    };
    // told to be ready in time, as it was when it began to wait
    const held = { canGoOn: () => isReady, isBehind: false, readyInMs: Math.min(readyInMs, 10_000), waitedMs: 0 };
    const waiting = new Holds(pool, clock).wait(held, new Promise(() => undefined));
    clock.advance(10_001);
    assert.is(await waiting, isServed);
  });
}

test.run();
