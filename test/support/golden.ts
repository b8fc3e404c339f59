/** Pictures of screens as text, kept beside the tests; `UPDATE_GOLDEN=1` writes them anew, to be read before they are committed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';

/** Compares with the picture of this name. */
export function golden(name: string, text: string): void {
  const file = fileURLToPath(new URL(`../panes/golden/${name}.txt`, import.meta.url));
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${text}\n`);
    return;
  }
  assert.fixture(`${text}\n`, readFileSync(file, 'utf8'), `the picture ${name} is another one`);
}
