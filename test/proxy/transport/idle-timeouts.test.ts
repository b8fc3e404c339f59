import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Timed, IdleTimeouts } from '../../../src/proxy/transport/idle-timeouts.js';
import { setClock } from '../../support/clock.js';

const limits = { firstByteMs: 600_000, idleMs: 600_000 };

/** Notes what it was told, and does something then. */
function listening(act: () => void = () => undefined): Timed & { heardMs: number } {
  return {
    place: -1,
    unheard: null,
    heardMs: 0,
    passed(ms) {
      this.heardMs += ms;
      act();
    },
  };
}

test('all that is under way hears of the time that passes, and nothing ticks when nothing is', () => {
  const clock = setClock();
  const idleTimeouts = new IdleTimeouts(limits, clock);
  const [one, other] = [listening(), listening()];
  assert.is(clock.due.length, 0);
  idleTimeouts.begin(one);
  clock.advance(10_000);
  idleTimeouts.begin(other);
  clock.advance(10_000);
  idleTimeouts.end(one);
  clock.advance(10_000);
  assert.equal([one.heardMs, other.heardMs], [20_000, 20_000]);
  idleTimeouts.end(other);
  clock.advance(10_000);
  assert.is(clock.due.length, 0);
});

test('one that ends as it hears, or twice, takes nothing from the others', () => {
  const clock = setClock();
  const idleTimeouts = new IdleTimeouts(limits, clock);
  const all: (Timed & { heardMs: number })[] = [];
  for (const index of [0, 1, 2, 3, 4]) {
    const one = listening(() => {
      if (index % 2 === 0) idleTimeouts.end(one);
      if (index % 2 === 0) idleTimeouts.end(one);
    });
    all.push(one);
    idleTimeouts.begin(one);
  }
  clock.advance(3_000);
  assert.equal(
    all.map(({ heardMs }) => heardMs),
    [1_000, 3_000, 1_000, 3_000, 1_000],
  );
});

test('a short limit is looked at often', () => {
  const clock = setClock();
  const idleTimeouts = new IdleTimeouts({ firstByteMs: 600_000, idleMs: 50 }, clock);
  const one = listening();
  idleTimeouts.begin(one);
  clock.advance(50);
  assert.is(one.heardMs, 50);
});

test.run();
