import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isPattern, parsePattern, type Pattern } from '../../../src/panes/text/pattern.js';

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
  assert.equal(pattern('bob').find('x bob y'), { start: 2, end: 5 });
  assert.is(pattern('!bob').find('x y'), null);
  assert.is(pattern('~x*').find('abc'), null);
});

test('nothing typed is no filter; a broken or endless one says so', () => {
  assert.is(parsePattern(''), null);
  assert.is(parsePattern('!~'), null);
  assert.match((parsePattern('~[') as { wrong: string }).wrong, /not a regular expression/);
  assert.match((parsePattern('a'.repeat(300)) as { wrong: string }).wrong, /200/);
});

test.run();
