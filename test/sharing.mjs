// Which test files share a process, and in which order processes run. A process of its own costs a small file more than
// all that it tests; those that touch nothing of their process lose nothing by sharing one, as each has modules of its
// own (test/host.cjs).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isByItself, laidScripts } from './bundle.mjs';
import { transpiled } from './transpile.mjs';

const measured = join('.cache', 'test-seconds.json');
/** What nobody has measured takes. */
const UNKNOWN = [0.5, 0.5];
/** Files that run longer gain nothing. */
const LONG_SECONDS = 1.5;
const TOGETHER = 20;

/** Test code that belongs to a process of its own: it changes the process, starts others, or measures itself. */
const OWN_PROCESS =
  /\bprocess\.(?!pid\b|platform\b|version|arch\b|execPath\b|nextTick\b|getuid\b)|\bglobalThis\b|node:(?:child_process|worker_threads|v8|vm|inspector)\b/;
/** Packages that change the process that loads them. */
const OWN_PACKAGES = /^(?:blessed|blessed-contrib|@lydell\/node-pty|conf|re2js)(?:\/|$)/;

/** Seconds that each file took here, or on the machine where the list was made, and how many of them one core worked. */
function knownCosts() {
  const read = (file) => {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      return {};
    }
  };
  return { ...read(join('test', 'slow-files.json')), ...read(measured) };
}

/** So much more at most one run says than those before: it may have been beside others. */
const GROWS = 1.2;

/** Keeps what this run has measured for the next, by file: seconds, and those of a core; null: not known. */
export function keepCosts(costs) {
  const known = knownCosts();
  for (const [file, cost] of Object.entries(costs)) {
    const before = known[file];
    known[file] = cost.map((now, at) => Math.min(now ?? Infinity, (before?.[at] ?? now ?? UNKNOWN[at]) * GROWS));
  }
  mkdirSync('.cache', { recursive: true });
  writeFileSync(measured, JSON.stringify(known));
}

/** All that a file imports, itself included, that `isFollowed` accepts, and the packages that these import. */
function importsOf(file, isFollowed) {
  const files = new Set([file]);
  const packages = new Set();
  for (const each of files) {
    for (const { path, external } of laidScripts.inputs[each]?.imports ?? []) {
      if (external) packages.add(path);
      else if (isFollowed(path)) files.add(path);
    }
  }
  return { files: [...files], packages: [...packages] };
}

const ownTexts = new Map();
const needsOwnProcess = (file) => {
  if (!ownTexts.has(file)) ownTexts.set(file, OWN_PROCESS.test(withoutMap(readFileSync(file, 'utf8'))));
  return ownTexts.get(file);
};
const withoutMap = (text) => text.replace(/^\/\/# sourceMappingURL=.*$/m, '');

function mayShare(file) {
  if (isByItself(file)) return false;
  const start = transpiled(file);
  if (importsOf(start, () => true).packages.some((name) => OWN_PACKAGES.test(name))) return false;
  return !importsOf(start, (path) => path.startsWith(transpiled('test'))).files.some(needsOwnProcess);
}

/**
 * Lists of files, each for one process, the longest first, so that no core is idle at the end; and how much of a core
 * such a process uses.
 */
export function processesFor(files) {
  const known = knownCosts();
  const sumOf = (list, at) => list.reduce((all, file) => all + (known[file] ?? UNKNOWN)[at], 0);
  const seconds = (list) => sumOf(list, 0);
  const sharing = files.filter((file) => seconds([file]) < LONG_SECONDS && mayShare(file));
  const count = Math.ceil(sharing.length / TOGETHER);
  // of each folder some: what the first of them has compiled is kept for all others
  const together = Array.from({ length: count }, (_, at) => sharing.filter((_file, number) => number % count === at));
  const alone = files.filter((file) => !sharing.includes(file)).map((file) => [file]);
  return {
    lists: [
      ...together.slice(0, 1),
      ...[...together.slice(1), ...alone].sort((one, other) => seconds(other) - seconds(one)),
    ],
    shareOf: (list) => sumOf(list, 1) / Math.max(seconds(list), 0.1),
  };
}
