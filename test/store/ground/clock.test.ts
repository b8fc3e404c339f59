import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { surviving, systemClock, untilNext, type Clock } from '../../../src/store/ground/clock.js';
import { faultsGoTo } from '../../../src/store/ground/faults.js';
import { setClock } from '../../support/clock.js';

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

test('looks that are taken equally often fall together, whenever each began', () => {
  const clock = setClock();
  const looks: number[] = [];
  const look = (): void => {
    looks.push(clock.monotonic());
    clock.after(untilNext(clock, 400), look);
  };
  look();
  clock.advance(150);
  look();
  clock.advance(1_100);
  assert.equal(looks, [0, 150, 400, 400, 800, 800, 1_200, 1_200]);
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

/** How often a timer ran within an hour that throws so many times, and how often that was told. */
function runs(throwing: number, act: (after: Clock['after'], run: () => void) => void): { ran: number; told: number } {
  const clock = setClock();
  const after = surviving((ms, one) => clock.after(ms, one));
  const [counts, stop] = [{ ran: 0, told: 0 }, faultsGoTo(() => counts.told++)];
  const run = (): void => {
    act(after, run);
    if (++counts.ran <= throwing) throw new Error('a fault');
  };
  after(1_000, run);
  clock.advance(3_600_000);
  stop();
  return counts;
}

test('a timer that fails is tried again, and not without end; one that has set the next by then is left to that', () => {
  const once = (): void => undefined;
  assert.equal(
    [0, 1, 3, Infinity].map((throwing) => runs(throwing, once)),
    [
      { ran: 1, told: 0 },
      { ran: 2, told: 1 },
      { ran: 4, told: 3 },
      { ran: 8, told: 8 },
    ],
  );
  const loop = (after: Clock['after'], run: () => void): void => void after(600_000, run);
  assert.equal(runs(2, loop), { ran: 6, told: 2 });
});

test('a timer that failed and is cancelled is not tried again', () => {
  const clock = setClock();
  let ran = 0;
  const stop = faultsGoTo(() => undefined);
  const cancel = surviving((ms, act) => clock.after(ms, act))(10, () => {
    ran++;
    throw new Error('a fault');
  });
  clock.advance(10);
  cancel();
  clock.advance(60_000);
  stop();
  assert.is(ran, 1);
});

test.run();
