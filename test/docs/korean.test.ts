import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { causes } from '../../src/proxy/contract/causes.js';
import { read } from '../../scripts/doc-lists.js';

const pairs = [
  ['README.md', 'README.ko.md'],
  ['docs/recover.md', 'docs/ko/recover.md'],
] as const;

const levels = (text: string): readonly string[] => [...text.matchAll(/^(#+) /gm)].map(([, marks = '']) => marks);
/** What is typed, without the words about it. */
const typed = (text: string): readonly string[] =>
  [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block.split('\n').map((line) => line.replace(/#.*$/, '').trim()),
  );
const rowsOf = (text: string): number => [...text.matchAll(/^\| (?!---)/gm)].length;

for (const [english, korean] of pairs) {
  test(`${korean} has the headings and the commands of ${english}`, () => {
    assert.equal(levels(read(korean)), levels(read(english)));
    assert.equal(typed(read(korean)), typed(read(english)));
  });
}

test('the Korean README has a row for each of the English one', () => {
  assert.is(rowsOf(read('README.ko.md')), rowsOf(read('README.md')));
});

test('the Korean page tells every cause of a refused refresh', () => {
  const page = read('docs/ko/recover.md');
  for (const [code, { class: kind }] of Object.entries(causes)) {
    if (kind !== 'upstream') assert.ok(page.includes(`\n| \`${code}\` | `), code);
  }
});

test.run();
