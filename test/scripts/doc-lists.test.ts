import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { actions } from '../../src/panes/actions/actions.js';
import { documents, read, UNIT, withLists, written } from '../../scripts/doc-lists.js';

for (const file of [...documents, UNIT]) {
  test(`what is made in ${file} is as the program has it (npm run docs writes it)`, () => {
    assert.fixture(read(file), written(file, read(file)));
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
