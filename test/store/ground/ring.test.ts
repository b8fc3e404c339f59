import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Ring } from '../../../src/store/ground/ring.js';

test('it holds the last records, as many as it may and as heavy as they may be, and the very last one in any case', () =>
  fc.assert(
    fc.property(
      fc.array(fc.nat(50)),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(99),
      fc.nat(5),
      (weights, capacity, most, start) => {
        const ring = new Ring<number>(capacity, start, { most, of: (weight) => weight });
        for (const [index, weight] of weights.entries()) {
          assert.is(ring.push(weight), start + index);
          const held = Array.from(
            { length: ring.next - ring.first },
            (_, at) => ring.at(ring.first + at) ?? Number.NaN,
          );
          const expected = lastOf(weights.slice(0, index + 1), capacity, most);
          assert.equal(held, expected);
          assert.is(ring.at(ring.first - 1), undefined);
          assert.is(ring.at(ring.next), undefined);
        }
      },
    ),
  ));

/** The longest end of a list that fits. */
function lastOf(all: readonly number[], capacity: number, most: number): readonly number[] {
  let held: readonly number[] = all.slice(-capacity);
  while (held.length > 1 && held.reduce((sum, one) => sum + one) > most) held = held.slice(1);
  return held;
}

test('a record in the place of another counts with its own weight', () => {
  const ring = new Ring<string>(10, 0, { most: 10, of: ({ length }) => length });
  for (const text of ['a', 'b', 'c']) ring.push(text);
  ring.replace(1, 'bbbbbbbbb');
  assert.equal([ring.first, ring.at(1), ring.at(2)], [1, 'bbbbbbbbb', 'c']);
  ring.replace(0, 'gone');
  assert.is(ring.at(0), undefined);
});

test.run();
