// Puts each test file and all that it imports of this repository into one file below .cache/bundles: to find and read
// some 300 modules takes longer than most tests run. Packages stay where they are.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join, resolve } from 'node:path';
import { transpiled } from './transpile.mjs';

const into = join('.cache', 'bundles');

/** Where a test file is as one file of JavaScript. */
export const bundled = (file) => join(into, file.replace(/\.ts$/, '.js'));

const optionsOf = (files) => ({
  entryPoints: files.map(transpiled),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  outdir: into,
  outbase: join('.cache', 'tests'),
  logLevel: 'silent',
});

/** Whether a test says in its first line that it runs with source maps, since it looks at the places in a stack. */
export const looksAtPlaces = (file) => /^\/\*\*.*with source maps/i.test(readFileSync(file, 'utf8'));

/** Bundles what {@link transpile} has made of these test files. @returns what could not be bundled, one text each */
export async function bundle(files) {
  try {
    await build(optionsOf(files.filter((file) => !looksAtPlaces(file))));
    await build({ ...optionsOf(files.filter(looksAtPlaces)), sourcemap: 'inline' });
    return [];
  } catch (error) {
    return [error.message];
  }
}

/** What a failed test printed, with the places of its bundle replaced by those of the TypeScript they come from. */
export async function placed(output, file) {
  const { outputFiles } = await build({ ...optionsOf([file]), sourcemap: 'external', write: false });
  const map = new SourceMap(JSON.parse(outputFiles.find(({ path }) => path.endsWith('.map')).text));
  const place = new RegExp(`(?:file://)?[^\\s(]*${bundled(file).replaceAll(/[.\\/]/g, '\\$&')}:(\\d+):(\\d+)`, 'g');
  return output.replace(place, (bundledPlace, line, column) => {
    const { originalSource, originalLine, originalColumn } = map.findEntry(line - 1, column - 1);
    if (originalSource === undefined) return bundledPlace;
    const source = resolve(into, file, '..', originalSource).replace(/^file:/, '');
    return `${source}:${originalLine + 1}:${originalColumn + 1}`;
  });
}
