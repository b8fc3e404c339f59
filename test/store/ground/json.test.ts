import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isJsonObject, NotJson, parseJson } from '../../../src/store/ground/json.js';

/** The line that is named for a text that is no JSON. */
function lineOf(text: string): number {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof NotJson) return error.line;
  }
  throw new Error(`taken: ${text}`);
}

test('the line of the fault is named, whatever it is', () => {
  const faults: readonly (readonly [string, number])[] = [
    ['', 1],
    ['half', 1],
    ['{', 1],
    ['{\n"a":1,\n}', 3],
    ['{\n"a":1\n}\n}', 4],
    ['{\n"a":1\n"b":2\n}', 3],
    ['[1,\n2,\n,3]', 3],
    ['{"a":\n[1}\n}', 2],
    ['{"a":1,\n\n', 3],
    ['{"a":"x\ny"}', 1],
    ['{"a":\n01}', 2],
    ['{"a":\ntru}', 2],
    ["{\n'a':1}", 2],
    ['{\n"a"\n1}', 3],
    ['{"a":1}\n{"b":2}', 2],
    ['{"a":1}\n\0', 2],
    ['{"a":"\\x"}', 1],
    ['[1]]', 1],
    ['{"a":NaN}', 1],
  ];
  for (const [text, line] of faults) assert.is(lineOf(text), line, JSON.stringify(text));
});

test('of any JSON cut anywhere the fault is on the last line', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      (value, share) => {
        const text = JSON.stringify(value, null, 2);
        const cut = text.slice(0, Math.floor(text.length * share));
        assert.is(lineOf(cut), cut.split('\n').length);
      },
    ),
  );
});

test('no message quotes the text', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 30 }), (text) => {
      try {
        parseJson(text);
      } catch (error) {
        assert.match((error as Error).message, /^not JSON, see line \d+$/);
      }
    }),
  );
});

test('an object in braces or not', () => {
  assert.ok(isJsonObject({}));
  for (const value of [null, [], 'x', 1, undefined]) assert.not.ok(isJsonObject(value));
});

test.run();
