import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lineTokens, unquoted } from '../../../src/proxy/contract/token-text.js';

/** What may stand on standard input, and the token that is meant. */
const inputs: readonly (readonly [text: string, token: string])[] = [
  ['1//0abc', '1//0abc'],
  ['1//0abc\n', '1//0abc'],
  ['KEY=1//0abc', '1//0abc'],
  ['REFRESH_TOKEN=1//0abc\n', '1//0abc'],
  ['export REFRESH_TOKEN="1//0abc"', '1//0abc'],
  ["set TOKEN='1//0abc';", '1//0abc'],
  ['1//0abc",', '1//0abc'],
  ['"1//0abc",\n', '1//0abc'],
  ['"refresh_token": "1//0abc",', '1//0abc'],
  ['  "refreshToken" : "1//0abc"  ', '1//0abc'],
  ["'refresh_token':'1//0abc'", '1//0abc'],
  ['refresh_token: 1//0abc', '1//0abc'],
  ['`1//0abc`', '1//0abc'],
  ['opaque', 'opaque'],
  ['opaque==', 'opaque=='],
  ['NAME=opaque==', 'opaque=='],
  ['', ''],
];

for (const [text, token] of inputs) {
  test(`of ${JSON.stringify(text)} the token is ${JSON.stringify(token)}`, () => assert.is(unquoted(text), token));
}

const word = fc.stringMatching(/^[A-Za-z0-9_]{1,40}$/);

test('a token is found whatever stands beside it, and nothing beside it is', () => {
  const separators = fc.constantFrom('----', ' ', '\t', '|', ',', ';', ':', '=', '", "', '", ');
  fc.assert(
    fc.property(word, word, separators, (token, password, separator) => {
      const line = ['a@example.com', password, `1//0${token}`].join(separator);
      assert.equal(lineTokens(line), [`1//0${token}`]);
    }),
    { numRuns: 300 },
  );
});

test.run();
