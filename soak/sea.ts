/** The single file, built, walked with nothing beside it, replaced by a newer one while it runs, and removed. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { walkPackage } from '../test/support/package-walk.js';

const root = path.dirname(import.meta.dirname);
const folder = mkdtempSync(path.join(tmpdir(), 'regrant-sea-'));
const [place, home] = [path.join(folder, 'bin'), path.join(folder, 'home')];
for (const made of [place, home]) mkdirSync(made);
const file = path.join(place, 'regrant');
const { version: VERSION } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
try {
  execFileSync(process.execPath, [path.join(root, 'scripts', 'sea.mjs'), file], { cwd: root, stdio: 'pipe' });
  rmSync(path.join(place, 'laid-out'), { recursive: true, force: true });
  // another file under its name, as a newer one would be
  copyFileSync(file, path.join(folder, 'newer'));
  const { size } = statSync(file);
  const done = await walkPackage({
    program: [file],
    ...{ home, places: [place] },
    upgrade: () => {
      renameSync(path.join(folder, 'newer'), file);
      return VERSION;
    },
    remove: () => rmSync(file),
  });
  console.log(`sea: one file of ${(size / 1e6).toFixed(1)} MB; ${done.join(', ')}`);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
process.exit();
