/**
 * The npm package as others get it: packed, installed into an empty prefix, walked, upgraded while it runs, and removed.
 * Needs a build, and the registry or its cache.
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { walkPackage } from '../test/support/package-walk.js';

const root = path.dirname(import.meta.dirname);
const folder = mkdtempSync(path.join(tmpdir(), 'regrant-pack-'));
const prefix = path.join(folder, 'prefix');
const home = path.join(folder, 'home');
mkdirSync(home, { recursive: true });
const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
const NEWER = '99.0.0';

const run = (file: string, args: readonly string[], cwd = folder): string =>
  execFileSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const npm = (...args: readonly string[]): string => run('npm', [...args, '--global', '--prefix', prefix, ...quiet]);
const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(0);

const sizeOf = (at: string): number =>
  readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);

/** The same package under a later version's number. */
function newerOf(tarball: string): string {
  const at = path.join(folder, 'newer');
  mkdirSync(at);
  run('tar', ['xzf', tarball, '-C', at]);
  const manifest = path.join(at, 'package', 'package.json');
  const content = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, unknown>;
  writeFileSync(manifest, JSON.stringify({ ...content, version: NEWER }));
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder, ...quiet], path.join(at, 'package'));
  return path.join(folder, `regrant-${NEWER}.tgz`);
}

try {
  // as it was built: packing would build it again, while others run it
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder, ...quiet], root);
  const tarball = path.join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  const newer = newerOf(tarball);
  const began = performance.now();
  npm('install', tarball, '--prefer-offline');
  const seconds = (performance.now() - began) / 1000;
  const installed = path.join(prefix, 'lib', 'node_modules', 'regrant');
  const size = sizeOf(installed);
  const packages = npm('ls', '--all', '--parseable').trim().split('\n').length - 1;
  if (!existsSync(path.join(prefix, 'share', 'man', 'man1', 'regrant.1'))) throw new Error('man finds no page');
  const program = path.join(prefix, 'bin', 'regrant');
  const done = await walkPackage({
    program: [program],
    ...{ home, places: [prefix] },
    upgrade: () => {
      npm('install', newer, '--prefer-offline');
      return NEWER;
    },
    remove: () => void npm('uninstall', 'regrant'),
  });
  console.log(
    `pack: tarball ${kilobytes(statSync(tarball).size)} kB; ${packages} packages installed, ${(size / 1e6).toFixed(1)} MB in ${seconds.toFixed(0)} s; ${done.join(', ')}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
process.exit();
