import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exit } from '../../src/commands/context.js';
import { eventWords } from '../../src/panes/views/event-words.js';
import { stateWords } from '../../src/panes/text/text.js';
import { StateCounts } from '../../src/proxy/pool/state-counts.js';
import { Metrics } from '../../src/proxy/reports/metrics.js';
import { englishOf } from '../../src/store/words/tongue.js';
import { defaultSettings } from '../../src/store/settings/schema.js';
import { AccessSchema } from '../../src/store/records/access-record.js';
import { grantEventKinds } from '../../src/store/records/grant-event.js';
import { read } from '../../scripts/doc-lists.js';

/** The rows of the table whose head begins so, cell by cell, without the marks of code. */
function tableOf(page: string, head: string): readonly (readonly string[])[] {
  const text = read(page);
  const at = text.indexOf(`\n| ${head}`);
  if (at < 0) throw new Error(`${page} has no table that begins "| ${head}"`);
  const [, , ...rows] = (text.slice(at + 1).split('\n\n')[0] ?? '').split('\n');
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

const column = (rows: readonly (readonly string[])[], index: number): readonly string[] =>
  rows.map((row) => row[index] ?? '');
const sorted = (words: Iterable<string>): readonly string[] => [...words].sort();

test('the states of the documents are those of the screen, with their names in scripts', () => {
  const rows = tableOf('docs/troubleshoot.md', 'screen | in scripts |');
  const words = Object.fromEntries(Object.entries(stateWords).map(([state, word]) => [state, englishOf(word)]));
  assert.equal(Object.fromEntries(rows.map(([screen, script]) => [script ?? '', screen])), words);
  const onScreen = tableOf('docs/every-day.md', 'state | glyph |');
  assert.equal(sorted(column(onScreen, 0)), sorted(Object.values(words)));
});

test('the kinds of events of the reference are those of the program, with their words on the screen', () => {
  const rows = tableOf('docs/reference.md', 'kind | on the screen |');
  assert.equal(column(rows, 0), grantEventKinds);
  for (const [kind = '', words = ''] of rows) {
    assert.is(words.split(', ')[0], englishOf(eventWords[kind as keyof typeof eventWords].word), kind);
  }
});

test('the exit statuses of the reference are those of the program', () => {
  const rows = tableOf('docs/reference.md', 'exit status |');
  assert.equal(sorted(column(rows, 0)), sorted([...Object.values(exit), 130].map(String)));
});

test('each metric of the reference is one that a scrape brings', async () => {
  const text = await new Metrics().text({ accounts: new StateCounts().counts(() => 'ready'), inFlight: 0, unsaved: 0 });
  const names = [...text.matchAll(/^# TYPE (regrant_\S+)/gm)].map(([, name = '']) => name);
  assert.equal(sorted(column(tableOf('docs/reference.md', 'name | labels |'), 0)), sorted(names));
});

test('each setting of the reference is one that there is', () => {
  const names = Object.entries(defaultSettings).flatMap(([section, keys]) =>
    // what is named by an account is a map, and no section
    section === 'accounts' ? [section] : Object.keys(keys as object).map((key) => `${section}.${key}`),
  );
  assert.equal(sorted(column(tableOf('docs/reference.md', 'key | default |'), 0)), sorted(names));
});

test('the fields of a request in the log are those of the reference', () => {
  const rows = tableOf('docs/reference.md', 'field | type | |\n| --- | --- | --- |\n| `id`');
  const names = column(rows, 0).flatMap((cell) => cell.split(', '));
  assert.equal(sorted(names), sorted(Object.keys(AccessSchema.entries)));
});

test('a table that lacks a row, or has one too many, differs', () => {
  const rows = tableOf('docs/reference.md', 'exit status |');
  assert.not.equal(sorted(column(rows.slice(1), 0)), sorted(column(rows, 0)));
  assert.throws(() => tableOf('docs/reference.md', 'no such head |'));
});

test.run();
