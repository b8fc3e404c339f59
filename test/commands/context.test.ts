import { PassThrough } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { data } from '../../src/store/words/tongue.js';
import { say, sayExactly } from '../../src/commands/context.js';

const written = (tell: (stream: PassThrough) => void): string => {
  const stream = new PassThrough();
  tell(stream);
  return String(stream.read());
};

const ACTS = ['\x1b[2J', '\x1b]52;c;Ynll\x07', '\x9b31m', '\r', '\n', '\x08', '\u202e', '\x00', '\x1bP1$q\x1b\\'];

for (const act of ACTS) {
  test(`whatever a verb says is one line that acts on no terminal: ${JSON.stringify(act)}`, () => {
    assert.match(
      written((stream) => say(stream, data(`a${act}b`))),
      /^a ?b\n$/,
    );
  });
}

test('what is for programs is printed as it is', () => {
  assert.is(
    written((stream) => sayExactly(stream, 'a\u202eb')),
    'a\u202eb\n',
  );
});

test.run();
