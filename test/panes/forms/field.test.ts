import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sanitise } from '../../../src/panes/text/text.js';
import { Field } from '../../../src/panes/forms/field.js';

/** A field with `text` in it after these keys; names of several letters are keys, others are typed. */
function after(text: string, ...keys: readonly string[]): string {
  const field = new Field(100);
  field.set(text);
  for (const name of keys) field.key({ name, text: name.length === 1 ? name : null });
  return `${field.text.slice(0, field.cursor)}|${field.text.slice(field.cursor)}`;
}

test('letters go in at the cursor', () => {
  assert.is(after('', 'a', 'b'), 'ab|');
  assert.is(after('ac', 'left', 'b'), 'ab|c');
});

test('the cursor goes by arrows, Home, End, Ctrl-A and Ctrl-E', () => {
  assert.is(after('abc', 'left', 'left', 'left', 'left'), '|abc');
  assert.is(after('abc', 'home', 'right'), 'a|bc');
  assert.is(after('abc', 'C-a'), '|abc');
  assert.is(after('abc', 'C-a', 'C-e'), 'abc|');
  assert.is(after('abc', 'home', 'end', 'right'), 'abc|');
});

test('Backspace, Delete, Ctrl-U, Ctrl-K and Ctrl-W take away', () => {
  assert.is(after('abc', 'left', 'backspace'), 'a|c');
  assert.is(after('abc', 'home', 'backspace'), '|abc');
  assert.is(after('abc', 'home', 'delete'), '|bc');
  assert.is(after('abc', 'left', 'C-u'), '|');
  assert.is(after('abc', 'left', 'C-k'), 'ab|');
  assert.is(after('one two  ', 'C-w'), 'one |');
});

test('keys that are none of an editor are left to others', () => {
  const field = new Field(10);
  for (const name of ['enter', 'escape', 'f5', 'toString', 'C-c'])
    assert.is(field.key({ name, text: null }), false, name);
});

test('more than the limit does not go in', () => {
  const field = new Field(3);
  assert.is(field.insert('abcd'), false);
  assert.is(field.text, '');
  assert.is(field.insert('abc'), true);
  field.key({ name: 'd', text: 'd' });
  assert.is(field.text, 'abc');
});

test('a text longer than its place shows its end with the cursor', () => {
  const field = new Field(100);
  field.set('abcdefghij');
  assert.is(
    field
      .spans(5)
      .map(({ text }) => text)
      .join(''),
    'ghij ',
  );
});

const letters: readonly (readonly [name: string, typed: readonly string[]])[] = [
  ['a mark on its letter', ['e', 'e\u0301', 'x']],
  ['Hangul taken apart', ['\u1112\u1161\u11ab', '\u1100\u116e\u11a8']],
  ['an emoji of two units', ['a', '\ud83d\ude80', 'b']],
  ['a family that is joined', ['\ud83d\udc69\u200d\ud83d\udc67', '!']],
  ['wide letters', ['한', '국', '어']],
];
for (const [name, typed] of letters) {
  test(`the cursor goes over ${name} in one step, and Backspace takes it whole`, () => {
    const field = new Field(200);
    for (const letter of typed) for (const text of letter) field.key({ name: text, text });
    const whole = typed.join('');
    assert.is(field.text, whole);
    for (const letter of [...typed].reverse()) {
      const before = field.cursor;
      field.key({ name: 'left', text: null });
      assert.is(before - field.cursor, letter.length);
      for (let width = 2; width < 12; width++) {
        const spans = field.spans(width);
        const cells = spans.map(({ text }) => text).join('');
        assert.ok(cells.length <= width, `${cells.length} of ${width}`);
        assert.not.match(spans[0]?.text ?? '', /^\ue000/, 'no half of a letter');
        assert.is(spans[1]?.text, sanitise(letter), 'the cursor is on the whole letter');
      }
    }
    field.key({ name: 'end', text: null });
    for (const letter of [...typed].reverse()) {
      const before = field.text.length;
      field.key({ name: 'backspace', text: null });
      assert.is(before - field.text.length, letter.length);
    }
  });
}

test.run();
