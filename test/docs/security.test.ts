/** The promises of docs/security.md have each a test of that name. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { read } from '../../scripts/doc-lists.js';

const root = path.dirname(path.dirname(import.meta.dirname));
const named = (page: string): readonly (readonly [file: string, words: string])[] =>
  [...read(page).matchAll(/`(test\/[\w/.-]+\.test\.ts)`: ([^|\n]+?) \|/g)].map(([, file = '', words = '']) => [
    file,
    words,
  ]);

for (const page of ['docs/security.md', 'docs/how-it-works.md']) {
  test(`each test that ${page} names is there, by its words`, () => {
    const rows = named(page);
    assert.ok(rows.length > 20, `${rows.length}`);
    for (const [file, words] of rows) {
      assert.ok(existsSync(path.join(root, file)), file);
      assert.ok(readFileSync(path.join(root, file), 'utf8').includes(words), `${file}: ${words}`);
    }
  });
}

test('each bound of docs/how-it-works.md is the number that the code has', () => {
  const rows = [
    ...read('docs/how-it-works.md').matchAll(/^\|[^|]+\|[^|]+\|[^|]+\| `([\w/.-]+) ([A-Z_]+) = ([\d_ *.]+)` \|/gm),
  ];
  assert.ok(rows.length > 20, `${rows.length}`);
  for (const [, file = '', name = '', value = ''] of rows) {
    const text = readFileSync(path.join(root, 'src', `${file}.ts`), 'utf8');
    assert.match(text, new RegExp(`const ${name} = ${value.replaceAll('*', '\\*')};`), `${file}: ${name} = ${value}`);
  }
});

test.run();
