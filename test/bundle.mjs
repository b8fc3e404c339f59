// Puts all test files and all that they import of this repository into one script below .cache/bundles, and the packages
// that most of them need into another: to find and read some 300 modules takes longer than most tests run. A process
// that runs a test evaluates of them what this one needs, and of both V8's compiled code is kept (test/host.cjs).
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { asciiOf, transpiled } from './transpile.mjs';

const into = join('.cache', 'bundles');
/** Runs tests out of what is laid here. */
export const host = resolve('test', 'host.cjs');

/** Where a test file is as JavaScript that Node runs. */
export const bundled = (file) => join(into, file.replace(/\.ts$/, isByItself(file) ? '.js' : '.cjs'));

/** Read by most processes of tests; all others are read from node_modules, some of them must be. */
const COMMON =
  /^(?:uvu|valibot|fast-check|pino|got|pg|rotating-file-stream|get-east-asian-width|@xterm\/headless|hpagent)(?:\/|$)|^(?:prom-client|undici)\//;

/** Others may run the tests of this tree at the same time, with scripts of their own. */
const KEPT_MS = 30 * 60_000;

const common = {
  ...{ bundle: true, platform: 'node', target: 'node20', logLevel: 'silent', write: false },
  // one byte a character in memory
  charset: 'ascii',
};

/** The modules of a script are evaluated when they are first needed, since it only requires. */
const asScript = {
  ...common,
  ...{ format: 'cjs', minifyWhitespace: true, legalComments: 'none' },
  // import() would read what lies in node_modules
  supported: { 'dynamic-import': false },
  banner: { js: "(function(exports,require,module,__filename,__dirname){'use strict';" },
  footer: { js: '\n})' },
};

const modulesOf = (files) => ({
  ...common,
  ...{ entryPoints: files.map(transpiled), format: 'esm', packages: 'external' },
  ...{ outdir: into, outbase: join('.cache', 'tests'), write: true },
});

const requiring = (names, from) => ({
  contents: [...names]
    .map((name) => `exports[${JSON.stringify(name)}]=()=>require(${JSON.stringify(from(name))});`)
    .join('\n'),
  resolveDir: process.cwd(),
});

const testsOf = (files) => ({
  ...asScript,
  ...{ stdin: requiring(files, (file) => `./${transpiled(file)}`), packages: 'external', metafile: true },
  outfile: join(into, 'tests.cjs'),
});

const textOf = (file) => readFileSync(file, 'utf8');

/** Whether a test says in its first line that it runs with source maps, since it looks at the places in a stack. */
export const looksAtPlaces = (file) => /^\/\*\*.*with source maps/i.test(textOf(file));

/** A script cannot wait at its top level, and would take in all that a computed name may mean. */
export const isByItself = (file) =>
  looksAtPlaces(file) || /^(?:[a-z]+ .* = |)\(?await |\bimport\(`/m.test(textOf(file));

/** The two scripts, and of each file of this repository what it imports, once they are laid. */
export const laidScripts = { paths: [], inputs: {} };

/** Bundles what {@link transpile} has made of these test files. @returns what could not be bundled, one text each */
export async function bundle(files) {
  try {
    const lone = files.filter(isByItself);
    await build(modulesOf(lone.filter((file) => !looksAtPlaces(file))));
    await build({ ...modulesOf(lone.filter(looksAtPlaces)), sourcemap: 'inline' });
    const shared = files.filter((file) => !isByItself(file));
    if (shared.length > 0) await lay(shared);
    return [];
  } catch (error) {
    return [error.message];
  }
}

/** Lays the two scripts, and for each test a file that runs it by them. */
async function lay(files) {
  const { outputFiles, metafile } = await build(testsOf(files));
  const external = Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter((one) => one.external));
  const names = new Set(external.map(({ path }) => path).filter((path) => COMMON.test(path)));
  mkdirSync(into, { recursive: true });
  removeOld();
  const tests = written('tests', outputFiles[0].contents);
  const packages = await packagesOf([...names].sort());
  const paths = [tests, packages].map((path) => resolve(path));
  Object.assign(laidScripts, { paths, inputs: metafile.inputs });
  for (const file of files) {
    const text = `require(${JSON.stringify(host)}).run(${JSON.stringify(file)},...${JSON.stringify(paths)});\n`;
    mkdirSync(dirname(bundled(file)), { recursive: true });
    writeFileSync(bundled(file), text);
  }
}

/** The script of these packages, made once for each state of what is installed. */
async function packagesOf(names) {
  // npm's own list of what is there
  const installed = join('node_modules', '.package-lock.json');
  const lock = textOf(existsSync(installed) ? installed : 'package-lock.json');
  const state = [...names, lock, textOf(import.meta.filename)];
  const path = join(into, `packages-${hashOf(state.join('\n'))}.cjs`);
  if (existsSync(path)) return used(path);
  const { outputFiles } = await build({
    ...asScript,
    ...{ stdin: requiring(names, (name) => name), external: ['pg-native'] },
  });
  return laid(path, asciiOf(outputFiles[0].text));
}

const hashOf = (content) => createHash('sha256').update(content).digest('hex').slice(0, 16);

function written(name, contents) {
  const path = join(into, `${name}-${hashOf(contents)}.cjs`);
  return existsSync(path) ? used(path) : laid(path, contents);
}

function laid(path, contents) {
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
  return path;
}

function used(path) {
  const now = new Date();
  utimesSync(path, now, now);
  return path;
}

function removeOld() {
  for (const name of readdirSync(into)) {
    const path = join(into, name);
    if (/^(?:tests|packages)-/.test(name) && Date.now() - statSync(path).mtimeMs > KEPT_MS)
      rmSync(path, { force: true });
  }
}

/** What a failed test printed, with the places of its bundle replaced by those of the TypeScript they come from. */
export async function placed(output, file, files) {
  const shared = files.filter((one) => !isByItself(one));
  const options = isByItself(file) ? { ...modulesOf([file]), write: false } : testsOf(shared);
  const { outputFiles } = await build({ ...options, sourcemap: 'external' });
  const map = new SourceMap(JSON.parse(outputFiles.find(({ path }) => path.endsWith('.map')).text));
  const place = /(?:file:\/\/)?[^\s(]*\.cache\/bundles\/(?:tests-\w+\.cjs|test\/[^\s:]*\.js):(\d+):(\d+)/g;
  return output.replace(place, (bundledPlace, line, column) => {
    const { originalSource, originalLine, originalColumn } = map.findEntry(line - 1, column - 1);
    if (originalSource === undefined) return bundledPlace;
    const source = resolve(into, isByItself(file) ? join(file, '..') : '.', originalSource).replace(/^file:/, '');
    return `${source}:${originalLine + 1}:${originalColumn + 1}`;
  });
}
