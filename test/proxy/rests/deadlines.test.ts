import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Deadlines } from '../../../src/proxy/rests/deadlines.js';

test('gives out what is due, the earliest first, and nothing before its time', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 })), (times) => {
      const deadlines = new Deadlines<number>();
      for (const at of times) deadlines.add(at, at);
      const taken: number[] = [];
      for (let due = deadlines.take(50); due !== null; due = deadlines.take(50)) taken.push(due.at);
      const expected = times.filter((at) => at <= 50).sort((a, b) => a - b);
      return JSON.stringify(taken) === JSON.stringify(expected) && deadlines.size === times.length - taken.length;
    }),
  );
});

test('an empty one never falls due', () => {
  assert.is(new Deadlines().first, Infinity);
  assert.is(new Deadlines().take(1e15), null);
});

test.run();
