import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NumberSet } from '../../../src/proxy/pool/number-set.js';

test('finds the next number as a sorted list would, whatever was put in and taken out', () => {
  const change = fc.tuple(fc.integer({ min: 0, max: 5_000 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), fc.integer({ min: 0, max: 6_000 }), (changes, from) => {
      const set = new NumberSet(10);
      const plain = new Set<number>();
      for (const [number, isIn] of changes) {
        set.put(number, isIn);
        if (isIn) plain.add(number);
        else plain.delete(number);
      }
      const expected = [...plain].sort((a, b) => a - b).find((number) => number >= from) ?? -1;
      return set.next(from) === expected && set.size === plain.size && set.copy().next(from) === expected;
    }),
  );
});

test('a copy goes its own way', () => {
  const set = new NumberSet();
  set.add(31);
  const copy = set.copy();
  copy.delete(31);
  copy.add(99_999);
  assert.equal([set.next(0), copy.next(0), copy.size], [31, 99_999, 1]);
});

test.run();
