import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { actions } from '../../src/panes/actions/actions.js';
import { documents, read, withLists } from '../../scripts/doc-lists.js';

for (const file of documents) {
  test(`the lists in ${file} are those of the program (npm run docs writes them)`, () => {
    assert.fixture(read(file), withLists(file, read(file)));
  });
}

test('the reference names the key of every action', () => {
  const reference = read('docs/reference.md');
  for (const { id, shown, help } of actions) {
    for (const key of shown.split(' ')) assert.ok(reference.includes(`\`${key}\``), `${id}: ${key}`);
    assert.ok(reference.includes(help.replaceAll('|', '\\|')), id);
  }
});

test('a document without the markers of its list is said', () => {
  assert.throws(() => withLists('docs/reference.md', '# no list here'), /reference\.md has no <!-- verbs/);
});

test.run();
