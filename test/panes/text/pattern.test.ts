import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isPattern, parsePattern, type Pattern } from '../../../src/panes/text/pattern.js';
import { explosive } from '../../support/explosive.js';

const pattern = (source: string): Pattern => {
  const parsed = parsePattern(source);
  if (!isPattern(parsed)) throw new Error(`no pattern: ${source}`);
  return parsed;
};

test('a plain text matches anywhere, in either case, with no letter of it special', () => {
  assert.ok(pattern('BOB@').matches('x bob@example.com'));
  assert.ok(pattern('a.c').matches('a.c'));
  assert.not(pattern('a.c').matches('abc'));
});

test('! turns it round and ~ makes a regular expression of it', () => {
  assert.not(pattern('!429').matches('429 x'));
  assert.ok(pattern('!429').matches('200 x'));
  assert.ok(pattern('~^5\\d\\d').matches('503 x'));
  assert.not(pattern('!~^5').matches('503 x'));
});

test('it says where it stands', () => {
  assert.equal(pattern('bob').places('x bob y BOB'), [
    { start: 2, end: 5 },
    { start: 8, end: 11 },
  ]);
  assert.equal(pattern('~b.b').places('x bob y bab'), [
    { start: 2, end: 5 },
    { start: 8, end: 11 },
  ]);
  assert.equal(pattern('!bob').places('x y'), []);
  assert.equal(pattern('~x*').places('abc'), []);
});

test('nothing typed is no filter; a broken or endless one says so', () => {
  assert.is(parsePattern(''), null);
  assert.is(parsePattern('!~'), null);
  assert.match((parsePattern('~[') as { wrong: string }).wrong, /not a regular expression/);
  assert.match((parsePattern('a'.repeat(300)) as { wrong: string }).wrong, /200/);
});

test('what the engine does not take is said in its place', () => {
  const wrong = (source: string): string => (parsePattern(source) as { wrong: string }).wrong;
  assert.match(wrong('~(?=x)'), /look-around/);
  assert.match(wrong('~(a)\\1'), /back-references/);
  for (const endless of ['~a{1001}', '~((a{100}){100}){100}', `~${'a{900}'.repeat(30)}`, '~(abcdefghij{9}){900}']) {
    assert.match(wrong(endless), /repeat/, endless);
  }
});

for (const source of explosive) {
  test(`~${source.slice(0, 40)} takes a time that grows with the text and no faster`, () => {
    const sought = pattern(`~${source}`);
    for (const letters of ['a', 'ab ', 'x1 ', 'aA0_-.@', '한글 ', '1//0']) {
      const text = letters.repeat(4096).slice(0, 4096);
      const before = process.cpuUsage();
      sought.matches(`${text}!`);
      sought.places(`${text}!`);
      const { user } = process.cpuUsage(before);
      assert.ok(user < 500_000, `${letters}: ${user / 1000} ms`);
    }
  });
}

test.run();
