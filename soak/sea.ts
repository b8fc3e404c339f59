/**
 * The single file, made, walked with nothing beside it, replaced by a newer one while it runs, and removed. Needs a build.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { walkPackage } from '../test/support/package-walk.js';

const { makeOneFile } = (await import(path.join(import.meta.dirname, '..', 'scripts', 'sea.mjs'))) as {
  readonly makeOneFile: (
    target: string,
    options?: { readonly version?: string; readonly isWarm?: boolean },
  ) => Promise<void>;
};
const folder = mkdtempSync(path.join(tmpdir(), 'regrant-sea-'));
const [place, home] = [path.join(folder, 'bin'), path.join(folder, 'home')];
for (const made of [place, home]) mkdirSync(made);
const [file, newer] = [path.join(place, 'regrant'), path.join(folder, 'newer')];
const NEWER = '99.0.0';
try {
  const began = performance.now();
  await makeOneFile(file);
  const seconds = (performance.now() - began) / 1000;
  await makeOneFile(newer, { version: NEWER, isWarm: false });
  const { size } = statSync(file);
  const done = await walkPackage({
    program: [file],
    ...{ home, places: [place] },
    upgrade: () => {
      renameSync(newer, file);
      return NEWER;
    },
    remove: () => rmSync(file),
  });
  console.log(`sea: one file of ${(size / 1e6).toFixed(1)} MB, made in ${seconds.toFixed(0)} s; ${done.join(', ')}`);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
process.exit();
