import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { beforeEnd, dueOfDay, placeOf } from '../../../src/proxy/background/places.js';

const DAY = 86_400_000;
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const time = fc.integer({ min: 0, max: 4e12 });

test('places are the same for an id at any time, and spread evenly', () => {
  const tenths = new Array<number>(10).fill(0);
  for (let id = 0; id < 10_000; id++) {
    const tenth = Math.floor(placeOf(`account-${id}`) * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  assert.is(placeOf('account-1'), placeOf('account-1'));
  assert.ok(Math.min(...tenths) > 850 && Math.max(...tenths) < 1_150, tenths.join(' '));
});

test('an account is due once a day, at its moment of the day; what was missed is due at the last one that passed', () => {
  fc.assert(
    fc.property(place, time, time, (own, last, now) => {
      const due = dueOfDay(own, last, now);
      const ofDay = (((due - own * DAY) % DAY) + DAY) % DAY;
      assert.ok(Math.min(ofDay, DAY - ofDay) < 2, 'its moment');
      assert.ok(due > now - DAY - 2 && due <= now + DAY + 2);
      if (last <= now) assert.ok(due > last - 2, 'after the last time');
      if (last < now - DAY) assert.ok(due <= now, 'overdue');
    }),
  );
});

test('a serving account’s place lies between half the life of its token and what the settings say', () => {
  fc.assert(
    fc.property(
      place,
      fc.integer({ min: 60_000, max: 86_400_000 }),
      fc.integer({ min: 0, max: 3_600_000 }),
      (own, life, ahead) => {
        const before = -beforeEnd(own, life, ahead);
        assert.ok(before <= life / 2 && before >= Math.min(ahead, life / 2) - 1, `${before}`);
      },
    ),
  );
});

test.run();
