import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { StateCounts } from '../../src/proxy/pool/state-counts.js';
import { Metrics } from '../../src/proxy/reports/metrics.js';
import { defaultSettings } from '../../src/store/settings/schema.js';
import { read } from '../../scripts/doc-lists.js';

const root = path.dirname(path.dirname(import.meta.dirname));
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`),
];
const markdown = documents.filter((file) => file.endsWith('.md'));

/** As GitHub makes an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsOf = (file: string): string[] =>
  [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

for (const file of markdown) {
  test(`every link within the repository in ${file} leads somewhere`, () => {
    for (const [, link = ''] of read(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [target = '', anchor] = link.split('#');
      const to = target === '' ? file : path.normalize(path.join(path.dirname(file), target));
      assert.ok(existsSync(path.join(root, to)), `${link}: there is no ${to}`);
      if (anchor !== undefined) assert.ok(anchorsOf(to).includes(anchor), `${link}: ${to} has no such heading`);
    }
  });
}

test('the reference has every setting with its default', () => {
  const reference = read('docs/reference.md');
  for (const [section, keys] of Object.entries(defaultSettings)) {
    for (const [key, standard] of Object.entries(keys as Record<string, unknown>)) {
      const shown = key === 'apiKey' ? 'made at the first start' : `\`${JSON.stringify(standard)}\``;
      const row = `| \`${section}.${key}\` | ${shown} |`;
      assert.ok(reference.includes(row), row);
    }
  }
});

test('the reference has every verb and option of the command line', () => {
  const help = execFileSync(process.execPath, [path.join(root, 'dist', 'app.js'), '--help'], { encoding: 'utf8' });
  const names = [
    ...help.matchAll(/^(?:regrant )?(--[\w-]+)/gm),
    ...help.matchAll(/^(?!regrant)([a-z]+(?: [a-z]+)?)(?: [A-Z[]| {2,})/gm),
  ];
  assert.ok(names.length > 30, help);
  const reference = read('docs/reference.md');
  for (const [, name = ''] of names) {
    assert.match(reference, name.startsWith('--') ? name : `\`regrant ${name}`);
  }
});

test('the reference has every metric', async () => {
  const text = await new Metrics().text({ accounts: new StateCounts().counts(() => 'ready'), inFlight: 0, unsaved: 0 });
  const reference = read('docs/reference.md');
  for (const [, name = ''] of text.matchAll(/^# TYPE (\S+)/gm)) assert.match(reference, `| \`${name}\` |`);
});

test('every dependency has its line in docs/dependencies.md', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  const text = read('docs/dependencies.md');
  for (const name of Object.keys(dependencies ?? {})) assert.match(text, `| [${name}](`, name);
  for (const name of Object.keys(devDependencies ?? {})) {
    assert.match(text, name.startsWith('@types/') ? '@types/' : name, name);
  }
});

test.run();
