/** The package as others get it: packed, installed into an empty directory, and run there. Needs a build and the registry. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openTerminal } from '../scripts/terminal.js';

const root = path.dirname(import.meta.dirname);
const folder = mkdtempSync(path.join(tmpdir(), 'regrant-pack-'));
const env = { ...process.env, HOME: folder, REGRANT_DATA_DIR: path.join(folder, 'data') };

function run(file: string, args: readonly string[], cwd = folder): { readonly status: number; readonly text: string } {
  try {
    return {
      status: 0,
      text: execFileSync(file, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { status, text: stdout + stderr };
  }
}

const sizeOf = (at: string): number =>
  readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);

const faults: string[] = [];
const want = (isSo: boolean, what: string): void => {
  if (!isSo) faults.push(what);
};

try {
  const npm = ['--no-audit', '--no-fund', '--loglevel=error'];
  // as it was built: packing would build it again, while others run it
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder, ...npm], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  const files = run('tar', ['tzf', tarball]).text.trim().split('\n');
  const strays = files.filter(
    (file) =>
      !/^package\/(package\.json|README\.md|LICENSE|dist\/.*|man\/regrant\.1|docs\/.*|CHANGELOG\.md)$/.test(file),
  );
  want(strays.length === 0, `files that nobody needs: ${strays.join(' ')}`);

  const started = performance.now();
  run('npm', ['init', '-y', ...npm]);
  const installed = run('npm', ['install', `./${tarball}`, ...npm]);
  want(installed.status === 0, `the install: ${installed.text}`);
  const installSeconds = (performance.now() - started) / 1000;
  const packages = run('npm', ['ls', '--all', '--parseable']).text.trim().split('\n').length - 1;

  const program = path.join(folder, 'node_modules', '.bin', 'regrant');
  want(/^\d+\.\d+\.\d+\n$/.test(run(program, ['--version']).text), 'regrant --version');
  const status = run(program, ['status']);
  want(status.status === 3 && status.text.startsWith('down: no regrant runs'), `regrant status: ${status.text}`);
  const screen = openTerminal(program, ['--demo'], { columns: 120, rows: 40, env });
  await screen.shows(/✖ DISABLED +kim\.ops@example\.com/, 30_000);
  screen.type('q');
  await screen.shows(/Leave regrant/);
  screen.type('q');
  want((await screen.ended) === 0, 'regrant --demo ends with 0');
  want(run('npx', ['--no-install', 'regrant', '--version']).status === 0, 'npx regrant');

  const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(0);
  console.log(
    `pack: tarball ${kilobytes(statSync(path.join(folder, tarball)).size)} kB, ${files.length} files; ${packages} packages installed, ${(sizeOf(path.join(folder, 'node_modules')) / 1e6).toFixed(1)} MB in ${installSeconds.toFixed(0)} s; --version, status and --demo work${faults.length === 0 ? '' : `, but: ${faults.join('; ')}`}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
process.exitCode = faults.length === 0 ? 0 : 1;
