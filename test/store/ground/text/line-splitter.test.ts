import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LineSplitter } from '../../../../src/store/ground/text/line-splitter.js';

/** The lines of `bytes` that come in pieces of these sizes. */
function linesOf(bytes: Buffer, sizes: readonly number[], longest = 1_000): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter(longest, (text) => lines.push(text));
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    splitter.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  splitter.finish();
  return lines;
}

test('however the bytes are cut, the lines are the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' })),
      fc.array(fc.integer({ min: 1, max: 20 })),
      (words, sizes) => {
        const lines = words.map((word) => word.replace(/[\r\n]/g, ''));
        const text = lines.map((line) => `${line}\n`).join('');
        assert.equal(linesOf(Buffer.from(text), sizes), lines);
      },
    ),
  );
});

test('a line is cut where it is too long, and the next is whole', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40)), fc.array(fc.integer({ min: 1, max: 20 })), (lengths, sizes) => {
      const text = lengths.map((length) => `${'x'.repeat(length)}\n`).join('');
      const cut = lengths.map((length) => 'x'.repeat(Math.min(length, 16)));
      assert.equal(linesOf(Buffer.from(text), sizes, 16), cut);
    }),
  );
});

test('what has no end is handed on at the end', () => {
  assert.equal(linesOf(Buffer.from('one\r\ntwo'), []), ['one', 'two']);
});

test.run();
