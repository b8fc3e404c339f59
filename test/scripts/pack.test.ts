import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = path.dirname(path.dirname(import.meta.dirname));

test('the package holds the program, its documents and its licence, and nothing else', () => {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=silent'];
  const [packed] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' })) as {
    files: { path: string; mode: number }[];
    size: number;
  }[];
  const files = packed?.files.map((file) => file.path) ?? [];
  const strays = files.filter(
    (file) =>
      !/^(package\.json|README(\.ko)?\.md|CHANGELOG\.md|LICENSE|dist\/(app|program|status)\.js(\.map)?|dist\/korean\.js|dist\/package\.json|dist\/usr\/[^/]+|dist\/settings\.schema\.json|man\/regrant\.1|completions\/(regrant\.bash|_regrant|regrant\.fish)|docs\/.+\.(md|service))$/.test(
        file,
      ),
  );
  assert.equal(strays, []);
  for (const needed of [
    'dist/settings.schema.json',
    'dist/app.js',
    'dist/program.js',
    'dist/status.js',
    'dist/status.js.map',
    'dist/korean.js',
    'dist/package.json',
    'man/regrant.1',
    'completions/regrant.bash',
    'completions/_regrant',
    'completions/regrant.fish',
    'README.md',
    'LICENSE',
    'package.json',
    'docs/recover.md',
  ])
    assert.ok(files.includes(needed), needed);
  assert.ok((packed?.size ?? 0) < 1_700_000, `${packed?.size ?? 0} bytes`);
  assert.not.match(readFileSync(path.join(root, 'dist/program.js'), 'utf8'), /new Buffer\(/, 'Node warns of it');
  // npm makes what bin names executable; a clone has to have it so by itself
  assert.is((packed?.files.find((file) => file.path === 'dist/app.js')?.mode ?? 0) & 0o111, 0o111);
});

test('npm links the manual page: it takes only a list of them', () => {
  const { man } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { man: unknown };
  assert.equal(man, ['man/regrant.1']);
});

test.run();
