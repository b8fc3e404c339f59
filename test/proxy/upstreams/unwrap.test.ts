import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Unwrap } from '../../../src/proxy/upstreams/unwrap.js';

/** Unwraps a text that comes in pieces of the given lengths. */
function unwrapped(text: string, lengths: readonly number[] = []): string {
  const unwrap = new Unwrap();
  const bytes = Buffer.from(text);
  const out: Buffer[] = [];
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    out.push(...unwrap.push(bytes.subarray(at, at + length)));
    at += length;
  }
  return Buffer.concat([...out, ...unwrap.end()]).toString();
}

test('the response comes out of an object, of a list and of events', () => {
  assert.is(unwrapped('{"response":{"a":1},"traceId":"x"}'), '{"a":1}');
  assert.is(unwrapped('{ "traceId": "}", "response": {"a":"}\\"{"} }\n'), '{"a":"}\\"{"}\n');
  assert.is(unwrapped('[{"response":{"a":1}},\n{"response":{"a":2},"t":{}}]'), '[{"a":1},\n{"a":2}]');
  assert.is(
    unwrapped('data: {"response": {"a": [1, 2]},"t":1}\r\n\r\ndata: {"response":{}}\r\n\r\n'),
    'data: {"a": [1, 2]}\r\n\r\ndata: {}\r\n\r\n',
  );
});

test('what has no response passes as it is', () => {
  for (const text of [
    '{"error":{"code":400,"response":{"a":1}}}',
    '{"a":"response","b":{"response":1}}',
    '{"a":["response"]}',
    'data: {"error":{}}\n\n: a comment\n\n',
    '{"response',
    '',
  ]) {
    assert.is(unwrapped(text), text);
  }
});

test('an object that is too long to be looked through passes as it is, and what follows it is unwrapped', () => {
  const long = `{"a":"${'x'.repeat(3_000_000)}","response":{"b":1}}`;
  const cuts = Array.from({ length: 40 }, () => 100_000);
  assert.is(unwrapped(`[${long},{"response":{"c":2}}]`, cuts), `[${long},{"c":2}]`);
});

test('wherever the chunks break, the same comes out', () => {
  fc.assert(
    fc.property(
      fc.array(fc.json({ maxDepth: 3 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 200 }),
      (values, lengths) => {
        const wrapped = values.map(
          (value, at) => `data: {"traceId":"${at}","response": ${value} , "t":{"response":0}}\n\n`,
        );
        const expected = values.map((value) => `data: ${value}\n\n`).join('');
        const got = unwrapped(wrapped.join(''), lengths);
        // The space behind a value may have come with it.
        return got.replaceAll(' \n', '\n') === expected;
      },
    ),
  );
});

test.run();
