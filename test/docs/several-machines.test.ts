/** What docs/several-machines.md says of faults is what the program says, in both tongues. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { read } from '../../scripts/doc-lists.js';
import { koreanSentences } from '../../src/store/words/korean/korean.js';

/** The words in backticks of the tables of faults, as far as they are sentences. */
function wordsOfFaults(): readonly string[] {
  const page = read('docs/several-machines.md');
  const section = page.slice(page.indexOf('## What each fault looks like'), page.indexOf('## What is not shared'));
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.flatMap((row) => [...row.matchAll(/``(.+?)``|`([^`]+)`/g)].map(([, twice, once]) => twice ?? once ?? ''));
}

test('each sentence of the tables of faults is one of the program, and is said in Korean too', () => {
  const words = wordsOfFaults();
  assert.ok(words.length >= 25, `${words.length}`);
  for (const sentence of words) {
    const korean = (koreanSentences as Readonly<Record<string, string>>)[sentence] ?? '';
    assert.match(korean, /[가-힣]/, sentence);
  }
});

test.run();
