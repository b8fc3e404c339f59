// Runs the long tests: each soak/*.ts in turn, or those named (`npm run soak -- lock month`). Each prints its figures in
// one line that starts with its name, and ends with 0 where they are good. Needs a build.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transpile } from '../test/transpile.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const names = readdirSync(here)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => basename(file, '.ts'))
  .filter((name) => wanted.length === 0 || wanted.includes(name))
  .sort();
process.chdir(dirname(here));
// processes of theirs import parts of src/
await transpile();
let failed = wanted.filter((name) => !names.includes(name)).length;
for (const name of names) {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(here, `${name}.ts`)], {
    cwd: dirname(here),
    stdio: 'inherit',
  });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (status !== 0) failed += 1;
}
process.exitCode = failed > 0 ? 1 : 0;
