import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { read } from '../../scripts/doc-lists.js';

const MOST_WORDS = 35;
const MOST_LINES = 350;
const MOST_LINES_OF_README = 120;

const root = path.dirname(path.dirname(import.meta.dirname));
const pages = readdirSync(path.join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

/** Figures, kept as they were written. */
const RECORD = 'docs/measurements-history';

/** The sentences of a text in Markdown; code, tables and headings have none. */
function sentencesIn(markdown: string): readonly string[] {
  const prose = markdown
    .replace(/^```[\s\S]*?^```/gm, '\n\n')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/^\s*\|.*$|^#+ .*$/gm, '\n\n')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/`[^`\n]*`/g, 'x');
  return prose
    .split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )/)
    .flatMap((paragraph) =>
      paragraph
        .replace(/\s+/g, ' ')
        .trim()
        .split(/(?<=[.!?:])[)*]*\s+/),
    )
    .filter((sentence) => sentence !== '');
}

const wordsIn = (sentence: string): number => sentence.split(' ').filter((word) => /\w/.test(word)).length;
const tooLong = (markdown: string): readonly string[] =>
  sentencesIn(markdown).filter((sentence) => wordsIn(sentence) > MOST_WORDS);

for (const page of ['README.md', 'CONTRIBUTING.md', ...pages.filter((name) => !name.startsWith(RECORD))]) {
  test(`no sentence of ${page} is too long to be understood at the first reading`, () => {
    assert.equal(tooLong(read(page)), []);
  });
}

test('a sentence that is too long is found, wherever it stands', () => {
  const long = `${'word '.repeat(MOST_WORDS)}last.`;
  for (const text of [long, `- ${long}`, `Short.\n${long}`, `1. One.\n2. ${long}`, `> ${long}`])
    assert.is(tooLong(text).length, 1, text);
  for (const text of [`| ${long} |`, `\`\`\`\n${long}\n\`\`\``, `# ${long}`, `${'word '.repeat(MOST_WORDS)}.`])
    assert.equal(tooLong(text), [], text);
});

test('README is one page, and no page but the reference is longer than one reads', () => {
  const lines = (page: string): number => read(page).trimEnd().split('\n').length;
  assert.ok(lines('README.md') <= MOST_LINES_OF_README, `README.md: ${lines('README.md')}`);
  for (const page of pages.filter((name) => name !== 'docs/reference.md'))
    assert.ok(lines(page) <= MOST_LINES, `${page}: ${lines(page)}`);
});

test('each word of the glossary has one row, in order', () => {
  const words = [...read('docs/glossary.md').matchAll(/^\| ([^|]+) \| /gm)].map(([, word = '']) => word).slice(2);
  assert.ok(words.length > 20);
  const sorted = [...words].sort((a, b) => a.localeCompare(b, 'en'));
  assert.equal(words, sorted);
  assert.is(new Set(words).size, words.length);
});

test.run();
