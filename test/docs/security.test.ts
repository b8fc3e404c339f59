/** The promises of docs/security.md have each a test of that name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** Bounds of what nothing outside makes longer, or that hold nothing: how often something is tried, how much is said. */
const NO_QUEUES: ReadonlySet<string> = new Set([
  'control/pages MOST_ITEMS',
  'control/patient MOST_TRIES',
  'control/remote EVENTS_HELD', // beside LINES_HELD in one row
  'control/remote LINE_BYTES_HELD', // likewise
  'proxy/background/agenda MOST_STALE',
  'proxy/background/unsaved MOST_NAMED',
  'proxy/forward/tries MOST_ANSWERS',
  'proxy/grants/refresh MOST_REPLACEMENTS',
  'proxy/handover/left-behind MOST_ENDED', // told at a time, of what was in flight
  'proxy/handover/left-behind MOST_LINE_CHARACTERS', // likewise
  'proxy/protocols/anthropic/request MOST_STOPS',
  'proxy/protocols/gemini/packed-usage MOST_BYTES', // what MOST_PACKED_BYTES unpack to
  'proxy/protocols/openai-chat/answer/pieces MOST_CHOICES',
  'proxy/protocols/openai-chat/request/generation MOST_STOPS',
  'proxy/rests/rests MOST_STALE',
  'proxy/server/flight MOST_ROWS',
  'proxy/server/translating/body-models MOST_NAMES', // of one request
  'proxy/supervisor/serving MOST_WANTED',
  'proxy/upstreams/model-list MOST_MODELS',
  'proxy/upstreams/onboarding MOST_ASKED',
  'proxy/upstreams/quota-groups MOST',
  'store/database/presence/boot-file MOST_BOOTS',
  'store/database/told MOST_BYTES', // of one notification, else it names no rows
  'store/database/database MOST_COLLISIONS',
  'store/files/antigravity-index MOST_ROUNDS',
  'store/files/folder-poll MOST_HANGING',
  'store/files/scan-here MOST_LOOKED_AT_HERE', // more files are looked at by a thread
  'store/files/writer/pushed-aside MOST_READINGS',
  'store/files/writer/write-loop MOST_ROUNDS',
  'store/ground/clock MOST_TRIES',
  'store/usage/line-scanner MOST_DIGITS',
]);

test('each bound of the code by its name stands in the table of docs/how-it-works.md', () => {
  const page = read('docs/how-it-works.md');
  const missing = ['proxy', 'store', 'control'].flatMap((room) =>
    readdirSync(path.join(root, 'src', room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => {
        const text = readFileSync(path.join(root, 'src', room, file), 'utf8');
        const names = [
          ...text.matchAll(/^(?:export )?const ((?:MOST|HELD|REMEMBERED)(?:_[A-Z_]+)?|[A-Z_]+_HELD) = [\d_ *]+;/gm),
        ];
        return names
          .map(([, name = '']) => `${room}/${file.replace(/\.ts$/, '')} ${name}`)
          .filter((name) => !/_MS$|_SECONDS$/.test(name) && !page.includes(`\`${name} = `) && !NO_QUEUES.has(name));
      }),
  );
  assert.equal(missing, []);
});

test.run();
