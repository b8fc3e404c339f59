/**
 * Makes the Debian package by dpkg-deb: the single file with its unit, manual page, completions and documents.
 *
 * `npm run deb` writes it into dist/. It needs no Node where it is installed.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { systemUnit } from '../src/commands/service/systemd-unit.js';

const root = path.dirname(import.meta.dirname);
const PROGRAM = '/usr/lib/regrant/regrant';
/** dpkg's words for what Node calls an architecture. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'armhf' };

const MAINTAINER = 'the regrant authors <regrant@git.invalid>';
/** What dpkg runs. */
const MAINTAINER_SCRIPTS = ['postinst', 'prerm', 'postrm'];

interface DebianPackage {
  /** The single file (scripts/sea.mjs). */
  readonly program: string;
  readonly version: string;
  /** How dpkg-deb compresses: the smallest takes a minute. */
  readonly compression?: 'xz' | 'gzip' | 'none';
}

/** Builds it into `folder`. @returns its path */
export function buildDeb(folder: string, { program, version, compression = 'xz' }: DebianPackage): string {
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  const tree = mkdtempSync(path.join(tmpdir(), 'regrant-deb-'));
  try {
    chmodSync(tree, 0o755);
    layFiles(tree, program, version);
    layControl(tree, version, architecture);
    const file = path.join(folder, `regrant_${version}_${architecture}.deb`);
    execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--build', tree, file], { stdio: 'pipe' });
    return file;
  } finally {
    rmSync(tree, { recursive: true });
  }
}

const withFolder = (file: string): string => {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
  return file;
};

/** Lays all but what is for dpkg itself. */
function layFiles(tree: string, program: string, version: string): void {
  const copy = (from: string, to: string, mode = 0o644): void => {
    const at = withFolder(path.join(tree, to));
    cpSync(from, at);
    chmodSync(at, mode);
  };
  const packed = (from: string, to: string): void => {
    const compressed = gzipSync(readFileSync(path.join(root, from)), { level: 9 });
    writeFileSync(withFolder(path.join(tree, to)), compressed, { mode: 0o644 });
  };
  const own = (name: string): string => path.join(root, name);
  copy(program, PROGRAM, 0o755);
  copy(own('dist/settings.schema.json'), '/usr/lib/regrant/settings.schema.json');
  symlinkSync('../lib/regrant/regrant', withFolder(path.join(tree, 'usr/bin/regrant')));
  writeFileSync(withFolder(path.join(tree, 'usr/lib/systemd/system/regrant.service')), systemUnit(PROGRAM), {
    mode: 0o644,
  });
  packed('man/regrant.1', 'usr/share/man/man1/regrant.1.gz');
  copy(own('completions/regrant.bash'), 'usr/share/bash-completion/completions/regrant');
  copy(own('completions/_regrant'), 'usr/share/zsh/vendor-completions/_regrant');
  copy(own('completions/regrant.fish'), 'usr/share/fish/vendor_completions.d/regrant.fish');
  const documents = 'usr/share/doc/regrant';
  copy(own('LICENSE'), `${documents}/copyright`);
  const changes = gzipSync(debianChangelog(version), { level: 9 });
  writeFileSync(path.join(tree, documents, 'changelog.gz'), changes, { mode: 0o644 });
  copy(own('scripts/debian/lintian-overrides'), '/usr/share/lintian/overrides/regrant');
  for (const name of ['README.md', 'README.ko.md', 'CHANGELOG.md']) copy(own(name), `${documents}/${name}`);
  for (const name of readdirSync(own('docs'), { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.md')) copy(own(`docs/${name}`), `${documents}/docs/${name}`);
}

/** What Debian's tools read of a version (deb-changelog(5)); the changes themselves are in CHANGELOG.md beside it. */
function debianChangelog(version: string): string {
  const seconds = process.env.SOURCE_DATE_EPOCH;
  const made = seconds === undefined ? new Date() : new Date(Number(seconds) * 1000);
  const date = made.toUTCString().replace('GMT', '+0000');
  return `regrant (${version}) unstable; urgency=medium

  * CHANGELOG.md in this folder says what changes.

 -- ${MAINTAINER}  ${date}
`;
}

/** Lays what dpkg reads and runs. */
function layControl(tree: string, version: string, architecture: string): void {
  const bytes = readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
  const control = withFolder(path.join(tree, 'DEBIAN', 'control'));
  writeFileSync(
    control,
    `Package: regrant
Version: ${version}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: adduser, libc6 (>= 2.28), libstdc++6, libgcc-s1
Section: net
Priority: optional
Description: supervisor and proxy over a pool of Google OAuth accounts
 A terminal supervisor for a pool of Google OAuth accounts behind a local HTTP
 proxy. It sees a refresh token die, goes on with the other accounts, and brings
 the dead one back with a few keys. The service is off until it is enabled.
`,
  );
  for (const name of MAINTAINER_SCRIPTS) {
    cpSync(path.join(root, 'scripts', 'debian', name), path.join(tree, 'DEBIAN', name));
    chmodSync(path.join(tree, 'DEBIAN', name), 0o755);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const work = mkdtempSync(path.join(tmpdir(), 'regrant-deb-'));
  const program = path.join(work, 'regrant');
  const sea = ['--import', 'tsx', path.join(root, 'scripts', 'sea.mjs'), program];
  execFileSync(process.execPath, sea, { cwd: root, stdio: 'inherit' });
  const file = buildDeb(path.join(root, 'dist'), { program, version });
  rmSync(work, { recursive: true });
  console.log(`${path.relative(root, file)}: ${(statSync(file).size / 1e6).toFixed(1)} MB`);
}
