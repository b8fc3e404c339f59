import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { door } from './bundling.mjs';

/**
 * Builds a program (`bundling.mjs`), and lays beside it the door that it is started through.
 *
 * @param options - of esbuild, of the program
 * @param besides - the same of scripts beside it
 * @throws {Error} a letter in it is not of ASCII
 */
export async function layProgram(options, besides = []) {
  const { outfile } = options;
  for (const one of [options, ...besides]) {
    await build(one);
    // its reader takes each byte for a letter: the build escapes texts by itself, a regular expression has to say \\u
    const [odd] = /.{0,40}[^\0-\x7f].{0,40}/.exec(readFileSync(one.outfile, 'utf8')) ?? [];
    if (odd !== undefined) throw new Error(`${one.outfile} is to be of ASCII alone, write \\u there: ${odd}`);
  }
  const made = createHash('sha256').update(readFileSync(outfile)).digest('hex').slice(0, 16);
  await build(door(made, join(dirname(outfile), 'app.js')));
  // the package is one of modules, and these are scripts
  writeFileSync(join(dirname(outfile), 'package.json'), '{ "type": "commonjs" }\n');
}
