import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { korean } from '../../src/store/words/korean/korean.js';
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
const countOf = (text: string, marks: RegExp): number => [...text.matchAll(marks)].length;

for (const [english, korean] of pairs) {
  test(`${korean} has the headings and the commands of ${english}`, () => {
    assert.equal(levels(read(korean)), levels(read(english)));
    assert.equal(typed(read(korean)), typed(read(english)));
  });
}

for (const [english, korean] of pairs) {
  test(`${korean} has the rows, the points and the quotes of ${english}`, () => {
    for (const marks of [/^\| (?!---)/gm, /^- /gm, /^\d+\. /gm, /^> /gm])
      assert.is(countOf(read(korean), marks), countOf(read(english), marks), String(marks));
  });
}

test('what the Korean page quotes of the screen is said there', () => {
  const said = Object.values(korean).join('\n');
  const quoted = [...read('docs/ko/recover.md').matchAll(/(?<!\*)\*([^*\n]+)\*(?!\*)/g)].map(([, text = '']) => text);
  assert.ok(quoted.length > 5);
  const parts = quoted.flatMap((text) => text.split(/ ?… ?|\d+/)).filter((part) => /[가-힣]{2}/.test(part));
  assert.equal(
    parts.filter((part) => !said.includes(part)),
    [],
  );
});

test.run();
