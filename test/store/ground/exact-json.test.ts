import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseExactly, printExactly } from '../../../src/store/ground/exact-json.js';

const again = (text: string): string => printExactly(parseExactly(text));

test('numbers come back to the digit, also those that JavaScript rounds', () => {
  for (const number of [
    '12345678901234567890',
    '-9007199254740993',
    '1e400',
    '0.12345678901234567890',
    '1234567.12345678912',
    '1e-400',
    '18446744073709551615',
  ]) {
    assert.is(again(`{"x":${number}}`), `{\n  "x": ${number}\n}\n`);
    assert.is(again(`{"x":[${number}, {"y": ${number}}]}`).split(number).length, 3);
  }
});

test('numbers that JavaScript keeps are plain numbers to the patches', () => {
  const json = parseExactly('{"a":1700000000,"b":1700000000.0,"c":0.5,"d":1e3,"e":-0.25,"f":12345678901234567890}');
  assert.equal([json.a, json.b, json.c, json.d, json.e], [1_700_000_000, 1_700_000_000, 0.5, 1000, -0.25]);
});

test('digits in texts are left alone, whatever is around them', () => {
  for (const text of [
    '{"id":"12345678901234567890"}',
    String.raw`{"a":"\"12345678901234567890","b":"\\","12345678901234567890":"1e400"}`,
    String.raw`{"a":"\u0000number"}`,
  ]) {
    assert.equal(JSON.parse(again(text)), JSON.parse(text));
  }
});

test('what is no object in braces is refused', () => {
  for (const text of ['[12345678901234567890]', '12345678901234567890', '"x"', '{"a":1', 'null'])
    assert.throws(
      () => parseExactly(text),
      (error: Error & { code?: string }) => error.code === 'NOT_JSON',
    );
});

test('any JSON object comes back as it was', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const text = JSON.stringify(object);
      assert.is(JSON.stringify(JSON.parse(again(text))), JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 300 },
  );
});

test.run();
