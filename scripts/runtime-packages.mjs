// Lays the packages that dist/ reads from node_modules into a folder, with all that they need, and nothing else: the rest is
// inside dist/ already. Of native packages what is for other systems stays behind.
import { cpSync, existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { external } from './bundling.mjs';

/** Folder of a package as one in `from` finds it: beside it, or further up. Null: not there. */
function folderOf(name, from) {
  for (let at = from; ; at = path.dirname(at)) {
    const folder = path.join(at, 'node_modules', name);
    if (existsSync(folder)) return folder;
    if (path.dirname(at) === at) return null;
  }
}

/**
 * Folders of the packages named and of all that they need, each once.
 *
 * @throws {Error} one that is needed is not installed
 */
export function packagesOf(names, root) {
  const found = new Set();
  const visit = (name, from, isOptional) => {
    const folder = folderOf(name, from);
    if (folder === null && !isOptional) throw new Error(`${name} is not installed`);
    if (folder === null || found.has(folder)) return;
    found.add(folder);
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
      readFileSync(path.join(folder, 'package.json'), 'utf8'),
    );
    for (const needed of Object.keys(dependencies)) visit(needed, folder, needed in optionalDependencies);
  };
  for (const name of names) visit(name, root, false);
  return [...found];
}

/** Copies them to the same places below `target`. */
export function layRuntimePackages(root, target, system = `${process.platform}-${process.arch}`) {
  rmSync(target, { recursive: true, force: true });
  for (const folder of packagesOf(external, root)) {
    const to = path.join(target, path.relative(path.join(root, 'node_modules'), folder));
    // what lies below it, and is needed, is found by itself
    cpSync(folder, to, { recursive: true, filter: (file) => path.relative(folder, file) !== 'node_modules' });
    const builds = path.join(to, 'prebuilds');
    if (!existsSync(builds)) continue;
    for (const other of readdirSync(builds).filter((name) => name !== system)) {
      rmSync(path.join(builds, other), { recursive: true });
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  layRuntimePackages(path.dirname(import.meta.dirname), path.resolve(process.argv[2]));
}
