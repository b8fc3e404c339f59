/** What docs/several-machines.md says of faults is what the program says, in both tongues; its balancers can be used. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

/** The set-up of a balancer in the document, with boxes that can be looked up. */
function balancer(name: 'nginx' | 'haproxy'): string {
  const [, text = ''] = /```text\n(# nginx\n[^`]+)```/.exec(read('docs/several-machines.md')) ?? [];
  const [nginx = '', haproxy = ''] = text.split('# haproxy\n');
  return (name === 'nginx' ? nginx : haproxy).replace(/box-[abc]:|(?<=listen )/g, '127.0.0.1:');
}

/** How each looks at a file of its set-up without starting. */
const looks = {
  nginx: (file: string) => ['-t', '-q', '-g', `error_log stderr; pid ${file}.pid;`, '-c', file],
  haproxy: (file: string) => ['-c', '-f', file],
};

for (const name of ['nginx', 'haproxy'] as const)
  test(`the set-up of ${name} is one that ${name} takes, where it is installed`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'regrant-balancer-'));
    try {
      const file = path.join(folder, 'set-up');
      writeFileSync(file, name === 'nginx' ? `events {}\nhttp {\n${balancer(name)}}\n` : balancer(name));
      const { error, status, stderr } = spawnSync(name, looks[name](file), { encoding: 'utf8' });
      if (error === undefined) assert.is(status, 0, stderr);
      else console.log(`SKIPPED, no ${name} is installed here`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

test('a check of health names a host, and clients’ own host goes on to the box', () => {
  assert.match(balancer('haproxy'), /http-check send meth GET uri \/readyz ver HTTP\/1\.1 hdr Host localhost/);
  assert.match(balancer('nginx'), /proxy_set_header Host \$http_host;/);
});

test.run();
