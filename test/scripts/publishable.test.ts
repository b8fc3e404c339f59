import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

interface Publishable {
  readonly faultsOf: (manifest: unknown) => readonly string[];
}
const script = path.join(import.meta.dirname, '..', '..', 'scripts', 'publishable.mjs');
const { faultsOf } = (await import(script)) as Publishable;

const there = {
  repository: { type: 'git', url: 'git+https://example.com/regrant.git' },
  bugs: { url: 'https://example.com/regrant/issues' },
  homepage: 'https://example.com/regrant#readme',
};

test('a package that says where it lives can be published', () => {
  assert.equal(faultsOf(there), []);
  assert.equal(faultsOf({ ...there, repository: 'https://example.com/r.git', bugs: 'https://example.com/i' }), []);
});

test('a placeholder, or nothing, in any of the three keeps it from being published, and is named', () => {
  const placeholders = ['https://git.invalid', 'git+https://git.invalid/regrant.git', 'https://a.b.invalid:8080/x'];
  for (const key of ['repository', 'bugs', 'homepage']) {
    for (const url of placeholders) {
      assert.equal(faultsOf({ ...there, [key]: url }), [`package.json's ${key} is still the placeholder ${url}`]);
      assert.is(faultsOf({ ...there, [key]: { url } }).length, 1, `${key} as an object`);
    }
    assert.equal(faultsOf({ ...there, [key]: undefined }), [`package.json names no ${key}`]);
  }
});

test.run();
