import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../../src/store/ground/json.js';
import { carryOver, sameJson } from '../../../src/store/ground/merge.js';

const carried = (base: JsonObject, changed: JsonObject, onto: JsonObject): JsonObject => {
  const result = structuredClone(onto);
  carryOver(base, changed, result);
  return result;
};

test('keys added, changed and taken away are carried, deeply', () => {
  const base = { a: 1, b: { c: 2, d: 3 }, gone: true };
  const changed = { a: 1, b: { c: 9, d: 3, e: 5 }, fresh: [1] };
  assert.equal(carried(base, changed, { ...base, ours: 'x' }), {
    a: 1,
    b: { c: 9, d: 3, e: 5 },
    ours: 'x',
    fresh: [1],
  });
});

test('what changed there meanwhile is left alone', () => {
  assert.equal(carried({ a: 1, b: 1 }, { a: 2, b: 2 }, { a: 3, b: 1 }), { a: 3, b: 2 });
  assert.equal(carried({ b: { c: 1 } }, { b: { c: 2 } }, { b: 'a text by now' }), { b: 'a text by now' });
  assert.equal(carried({ a: 1 }, {}, { a: 5 }), { a: 5 });
});

test('an object that both began is one of both; what both put in it stays as it is there', () => {
  assert.equal(carried({}, { x: { a: 1, b: 1 } }, { x: { b: 2, c: 3 } }), { x: { a: 1, b: 2, c: 3 } });
  assert.equal(carried({ x: null }, { x: { a: 1 } }, { x: { c: 3 } }), { x: { a: 1, c: 3 } });
  assert.equal(carried({}, { x: { a: 1 } }, { x: null }), { x: null });
});

test('a key named __proto__ is a key like any other', () => {
  const changed = JSON.parse('{"__proto__":{"x":1}}') as JsonObject;
  assert.is(JSON.stringify(carried({}, changed, {})), '{"__proto__":{"x":1}}');
});

const plain = { noNullPrototype: true };
const json = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.oneof(fc.nat(3), fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.nat(3), plain)),
  plain,
) as fc.Arbitrary<JsonObject>;

test('onto the base itself it gives the changed; of two edits of different keys neither is lost', () => {
  fc.assert(
    fc.property(json, json, (base, changed) => {
      assert.equal(carried(base, changed, base), changed);
      assert.equal(carried(base, base, changed), changed);
    }),
  );
  fc.assert(
    fc.property(json, json, json, (base, left, right) => {
      const mine = Object.fromEntries(Object.entries(left).map(([key, value]) => [`l${key}`, value]));
      const theirs = Object.fromEntries(Object.entries(right).map(([key, value]) => [`r${key}`, value]));
      assert.equal(carried(base, { ...base, ...mine }, { ...base, ...theirs }), { ...base, ...theirs, ...mine });
    }),
  );
});

test('the same text or not', () => {
  assert.ok(sameJson({ a: [1, { b: null }] }, { a: [1, { b: null }] }));
  assert.not.ok(sameJson({ a: 1 }, { a: '1' }));
  assert.ok(sameJson(undefined, undefined));
});

test.run();
