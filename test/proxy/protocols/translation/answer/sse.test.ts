import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { quoted } from '../../../../../src/proxy/protocols/translation/answer/sse.js';
import { character } from '../../../../support/characters.js';

test('any text is quoted as the engine does it', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: character }),
    fc.constantFrom('"', '\\', '\n', '\u2028', '\ud800', '😀', 'é'),
  );
  fc.assert(fc.property(texts, (text) => quoted(text) === JSON.stringify(text)));
  assert.is(quoted(''), '""');
});

test.run();
