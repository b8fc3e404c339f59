import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tokensOf } from '../../../src/panes/forms/pasted-tokens.js';

const found = (text: string): readonly string[] => tokensOf(text).tokens.map(({ token }) => token);

test('lines that each begin 1/ are several tokens, whatever stands between them', () => {
  for (const text of [
    '1//0a\n1//0b',
    '1//0a\r\n\r\n1//0b\r\n',
    '\n\n1//0a\n   \n1//0b\n\n',
    '# of anna\n1//0a\n# of bob\n\n1//0b',
    '  1//0a  \n\t1//0b',
    '1//0a\n1//0b\n1//0a',
  ])
    assert.equal(found(text), ['1//0a', '1//0b'], JSON.stringify(text));
  assert.equal(found('1/a\n1/b'), ['1/a', '1/b']);
});

test('a token that a terminal broke into lines is one, and what follows no such form is judged by Google', () => {
  assert.equal(found('1//0first-half\nsecond-half'), ['1//0first-halfsecond-half']);
  assert.equal(found(' 1//0 a b \n'), ['1//0ab']);
  assert.equal(found('not-a-token'), ['not-a-token']);
  assert.equal(found('# only words'), ['#onlywords']);
  assert.equal(found(' \n '), []);
});

test('a comment above one token is no part of it, and the paste says so', () => {
  assert.equal(tokensOf('# of anna\n\n1//0a'), {
    tokens: [{ token: '1//0a', client: null }],
    from: 'the line that is no comment',
  });
});

test.run();
