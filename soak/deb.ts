/**
 * The Debian package, built, installed by dpkg into a Debian in a folder (chroot), walked, upgraded while it runs, and
 * purged. systemd does not run there: of the service its files and the user are looked at. Needs a build.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { buildDeb } from '../scripts/deb.js';
import { layDebian } from '../test/support/debian.js';
import { walkPackage } from '../test/support/package-walk.js';

const root = path.dirname(import.meta.dirname);
const { makeOneFile } = (await import(path.join(root, 'scripts', 'sea.mjs'))) as {
  readonly makeOneFile: (
    target: string,
    options?: { readonly version?: string; readonly isWarm?: boolean },
  ) => Promise<void>;
};
const [OLDER, NEWER] = ['0.1.0', '99.0.0'];

/** Names the folder of the run to the process in the namespace. */
const FOLDER = 'REGRANT_SOAK_FOLDER';

/**
 * Runs this file in a namespace of its own: what is mounted there is not mounted for this process, which removes the
 * folder, and goes away by itself.
 */
function inNamespace(): number {
  const folder = mkdtempSync(path.join(tmpdir(), 'regrant-deb-'));
  mkdirSync(path.join(folder, 'shared'));
  try {
    const words = ['--mount', '--propagation', 'private', process.execPath, '--import', 'tsx', import.meta.filename];
    const env = { ...process.env, [FOLDER]: folder, TMPDIR: path.join(folder, 'shared') };
    return spawnSync('unshare', words, { stdio: 'inherit', env }).status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** All that dpkg may have laid, and what is no directory of its own. */
const filesOf = (system: string): readonly string[] =>
  execFileSync(
    'find',
    [
      '.',
      '-xdev',
      '!',
      '-type',
      'd',
      '!',
      '-path',
      './var/lib/dpkg/*',
      '!',
      '-path',
      './var/log/*',
      '!',
      '-path',
      './tmp/*',
    ],
    {
      ...{ cwd: system, encoding: 'utf8', maxBuffer: 2 ** 26 },
    },
  )
    .trim()
    .split('\n')
    // adduser keeps the lists from before, and a lock
    .filter((file) => !/^\.\/etc\/(passwd|group|shadow|gshadow)-$|^\.\/etc\/\.pwd\.lock$|^\.\/run\/adduser$/.test(file))
    .sort();

async function packages(folder: string): Promise<{ readonly older: string; readonly newer: string }> {
  const program = path.join(folder, 'regrant');
  await makeOneFile(program);
  const older = buildDeb(folder, { program, version: OLDER });
  await makeOneFile(program, { version: NEWER, isWarm: false });
  return { older, newer: buildDeb(folder, { program, version: NEWER, compression: 'none' }) };
}

/** What Debian's own reader of packages says: no error, no warning. */
function lintian(file: string): string {
  const { status, stdout, stderr, error } = spawnSync('lintian', ['--fail-on', 'error,warning', file], {
    encoding: 'utf8',
  });
  if (error !== undefined) return 'lintian is not here';
  assert.is(status, 0, stdout + stderr);
  return 'lintian finds nothing';
}

async function walk(folder: string): Promise<void> {
  const shared = tmpdir();
  const [system, home] = [path.join(folder, 'debian'), path.join(shared, 'home')];
  if (!layDebian(system, (text) => console.log(`deb: ${text}`))) {
    console.log('deb: SKIPPED, nothing was installed: it needs debootstrap, as root');
    return;
  }
  mkdirSync(home);
  mkdirSync(path.join(system, shared), { recursive: true });
  for (const at of ['/proc', '/dev', shared]) execFileSync('mount', ['--rbind', at, path.join(system, at)]);
  const inside = ['/usr/sbin/chroot', system] as const;
  const run = (...words: readonly string[]): string =>
    execFileSync('env', [...inside, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const { older, newer } = await packages(shared);
  const lint = lintian(older);
  const before = filesOf(system);
  run('dpkg', '--install', older);
  assert.is(run('stat', '--format', '%U:%G %a', '/var/lib/regrant'), 'regrant:regrant 700');
  assert.match(run('getent', 'passwd', 'regrant'), /^regrant:x:\d+:\d+:.*:\/var\/lib\/regrant:\/usr\/sbin\/nologin$/);
  assert.is(
    spawnSync('env', [...inside, 'sh', '-c', 'ls /etc/systemd/system/*/regrant.service']).status,
    2,
    'it is off',
  );
  const own = 'REGRANT_DATA_DIR=/var/lib/regrant REGRANT_PROXY_PORT=0 timeout --preserve-status 9 regrant --headless';
  assert.match(run('sh', '-c', `runuser -u regrant -- env ${own}`), /serves on/, 'its user and its folder');
  // as an operator does it, for a system that does not run
  execFileSync('systemctl', ['--quiet', `--root=${system}`, 'enable', 'regrant'], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const enabled = run('ls', '/etc/systemd/system/multi-user.target.wants');
  assert.match(enabled, /^regrant\.service$/m, 'it can be enabled');
  const done = await walkPackage({
    program: [...inside, '/usr/bin/regrant'],
    ...{ inside, home, places: [] },
    upgrade: () => {
      run('dpkg', '--install', newer);
      assert.is(run('ls', '/etc/systemd/system/multi-user.target.wants'), enabled, 'enabled as before');
      return NEWER;
    },
    remove: () => void run('dpkg', '--purge', 'regrant'),
  });
  const left = filesOf(system).filter((file) => !before.includes(file) && !file.startsWith('./var/lib/regrant/'));
  assert.equal(left, [], 'what is left after its purge');
  assert.ok(existsSync(path.join(system, 'var/lib/regrant/settings.json')), 'the data are still there');
  console.log(`deb: ${(statSync(older).size / 1e6).toFixed(1)} MB; ${lint}; ${done.join(', ')}`);
}

const folder = process.env[FOLDER];
if (folder === undefined) process.exitCode = inNamespace();
else {
  await walk(folder);
  process.exit();
}
