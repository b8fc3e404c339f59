import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hostile } from '../../support/hostile.js';
import { textOfCells } from '../../../src/panes/text/cells.js';
import { age, ago, count, countdown, fit, pad, sanitise, shortEmail, wrap } from '../../../src/panes/text/text.js';

for (const [name, text, shown] of hostile) {
  test(`${name} is made inert`, () => {
    const clean = sanitise(text);
    assert.is(textOfCells(clean), shown);
    assert.not.match(clean, /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]/);
  });
}

test('plain text and glyphs of one cell stay as they are', () => {
  for (const text of ['anna@example.com', 'é', '● ✖ ▲ ░ … –', 'Łódź']) assert.is(sanitise(text), text);
});

test('letters of two cells have the length of two, whatever they are written with', () => {
  for (const [text, width] of [
    ['日本', 4],
    ['😀', 2],
    ['👨‍👩‍👧‍👦', 2],
    ['e\u0301', 1],
    ['각', 2],
    ['ｱ', 1],
    ['Ａ', 2],
    ['कि', 2],
  ] as const)
    assert.is(sanitise(text).length, width, text);
});

test('text is cut with a mark, padded to either side, and never wider than asked', () => {
  assert.is(fit('abcdef', 4), 'abc…');
  assert.is(fit('abcdef', 1), 'a');
  assert.is(fit('abc', 0), '');
  assert.is(pad('ab', 4), 'ab  ');
  assert.is(pad('ab', 4, 'right'), '  ab');
  assert.is(pad('abcdef', 4, 'right'), 'abc…');
});

test('times read as people say them', () => {
  const second = 1000;
  const hour = 3600 * second;
  assert.equal([0, 59_999, 155 * second, hour + 5 * 60 * second, 26 * hour, 90 * 24 * hour].map(age), [
    '0s',
    '59s',
    '2m35s',
    '1h05m',
    '1d2h',
    '90d',
  ]);
  assert.equal([500, 12 * second, 3 * hour, 72 * hour].map(ago), ['now', '12s', '3h', '3d']);
  assert.equal([0, 400, 41 * 60_000 + 12_000, 2 * hour].map(countdown), ['00:00', '00:01', '41:12', '2h00m']);
});

test('counts keep to their cells', () => {
  assert.is(count(1204, 5), '1,204');
  assert.is(count(1204, 4), '1204');
  assert.is(count(123_456, 5), '123k');
  assert.is(count(12_345_678, 3), '12M');
});

test('long text breaks at blanks, and within a word that is longer than the line', () => {
  assert.equal(wrap('one two three', 8), ['one two', 'three']);
  assert.equal(wrap('abcdefghij', 4), ['abcd', 'efgh', 'ij']);
  assert.equal(wrap('', 4), ['']);
});

test('an address is shortened to its local part', () => {
  assert.is(shortEmail('anna@example.com'), 'anna@…');
  assert.is(shortEmail('nobody'), 'nobody');
});

test('Hangul that was taken apart is put together again', () => {
  for (const text of ['한글', '값', '뷁 kim@example.com', 'x한']) {
    assert.is(sanitise(text.normalize('NFD')), sanitise(text));
  }
});

test.run();
