import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isJsonObject, jsonOf, NotJson, parseJson } from '../../../src/store/ground/json.js';

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

test('more than a hundred levels are no JSON, whatever lies around them, and a hundred are', () => {
  const wraps = fc.array(
    fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[1,"[[{",', ']'], ['{"\\\\\\"[":"]",\n"b":', '}']),
    {
      minLength: 1,
      maxLength: 300,
    },
  );
  fc.assert(
    fc.property(wraps, (around) => {
      const [open, close] = [0, 1].map((side) => around.map((pair) => pair[side] ?? ''));
      const text = `${open?.join('')}0${close?.reverse().join('')}`;
      if (around.length <= 100) {
        assert.equal(parseJson(text), JSON.parse(text));
        assert.equal(jsonOf(text), JSON.parse(text));
      } else {
        assert.is(lineOf(text), open?.slice(0, 100).join('').split('\n').length);
        assert.is(jsonOf(text), null);
      }
    }),
  );
});

test('twice as deep or twice as long takes about twice as long to refuse', () => {
  const texts: readonly ((size: number) => string)[] = [
    (size) => '['.repeat(size),
    (size) => '{"a":'.repeat(size / 5),
    (size) => `[${'"\\""'.repeat(size / 4)}`,
    (size) => `${'[]'.repeat(size / 2)}"${'\\'.repeat(size)}`,
  ];
  for (const text of texts) {
    const [small, large] = [200_000, 400_000].map((size) => fastest(text(size)));
    assert.ok((large ?? 0) < 4 * (small ?? 0) + 5, `${small} ms, ${large} ms: ${text(20)}`);
  }
});

/** ms, the best of five. */
function fastest(text: string): number {
  const took = Array.from({ length: 5 }, () => {
    const start = performance.now();
    jsonOf(text);
    return performance.now() - start;
  });
  return Math.min(...took);
}

test.run();
