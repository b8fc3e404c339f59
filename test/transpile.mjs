// Turns src/, test/ and scripts/ into JavaScript below .cache/tests, once for all tests: a loader that does it in each of their
// processes takes longer to start than most of them take to run. What a file says of its own place (import.meta) stays
// that of the TypeScript file, so that it finds what lies beside it.
import { transform } from 'esbuild';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const into = join('.cache', 'tests');

/** Where a TypeScript file is as JavaScript. */
export const transpiled = (file) => join(into, file.replace(/\.ts$/, '.js'));

/** In whole milliseconds: parts of one do not survive being set. */
const changedAt = (file) => Math.round(statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);

/** What is left of other characters than ASCII's is in regular expressions, and is as well said by its number. */
export function asciiOf(code) {
  // behind a backslash its number would be read as words
  if (/(?<!\\)(?:\\\\)*\\[\u0080-\uffff]/.test(code)) throw new Error('a backslash before a character outside ASCII');
  return code.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Of another state of this file all is made again. */
const madeBy = join(
  into,
  `made-by-${createHash('sha256')
    .update(readFileSync(import.meta.filename))
    .digest('hex')
    .slice(0, 16)}`,
);

/** Brings all of it up to date. @returns what could not be read as TypeScript, one text each */
export async function transpile() {
  const sources = ['src', 'test', 'scripts'].flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .map((name) => join(folder, name)),
  );
  if (!existsSync(madeBy)) rmSync(into, { recursive: true, force: true });
  removeOrphans(new Set(sources.map(transpiled)));
  const failures = await Promise.all(sources.filter((file) => !isUpToDate(file)).map(write));
  writeFileSync(madeBy, '');
  return failures.filter((failure) => failure !== null);
}

function isUpToDate(file) {
  // a file that was checked out may be older than what was made of the one before it
  return changedAt(file) === changedAt(transpiled(file));
}

async function write(file) {
  const path = join(process.cwd(), file);
  try {
    const { code } = await transform(readFileSync(file, 'utf8'), {
      loader: 'ts',
      format: 'esm',
      ...{ target: 'node20', charset: 'ascii' },
      sourcefile: path,
      sourcemap: 'inline',
      sourcesContent: false,
      define: {
        'import.meta.dirname': JSON.stringify(dirname(path)),
        'import.meta.filename': JSON.stringify(path),
        'import.meta.url': JSON.stringify(pathToFileURL(path).href),
      },
      tsconfigRaw: { compilerOptions: { target: 'ES2023', verbatimModuleSyntax: true } },
    });
    const changed = changedAt(file) / 1_000;
    mkdirSync(dirname(transpiled(file)), { recursive: true });
    writeFileSync(transpiled(file), asciiOf(code));
    utimesSync(transpiled(file), changed, changed);
    return null;
  } catch (error) {
    return error.message;
  }
}

/** A test of a file that was deleted must not find it. */
function removeOrphans(wanted) {
  mkdirSync(into, { recursive: true });
  for (const name of readdirSync(into, { recursive: true })) {
    const file = join(into, name);
    if (file.endsWith('.js') && !wanted.has(file)) rmSync(file);
  }
}
