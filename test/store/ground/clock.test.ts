import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../../src/store/ground/clock.js';

/** Node drops fractions, and counts in whole milliseconds from one that has begun already. */
const FRACTION = 10.9;

const firesAfter = (ms: number): Promise<number> => {
  const began = performance.now();
  return new Promise((resolve) => systemClock.after(ms, () => resolve(performance.now() - began)));
};

test("the system's timer never fires before its time", async () => {
  const fired: Promise<number>[] = [];
  for (let at = 0; at < 60; at++) {
    fired.push(firesAfter(FRACTION));
    await systemClock.wait(1);
  }
  // a timer of the clock's own does not keep the process alive
  await systemClock.wait(50);
  for (const ms of await Promise.all(fired)) assert.ok(ms >= FRACTION, `after ${ms} ms`);
});

test('a timer that was cancelled in time never fires', async () => {
  let wrong = 0;
  for (let at = 0; at < 20; at++) {
    const began = performance.now();
    let isCancelled = false;
    const cancel = systemClock.after(FRACTION, () => (wrong += isCancelled ? 1 : 0));
    await systemClock.wait(FRACTION - 1.5);
    isCancelled = performance.now() - began < FRACTION;
    cancel();
  }
  await systemClock.wait(20);
  assert.is(wrong, 0);
});

test.run();
