import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { CannotRun, reasonOf, systemCode, UsageError } from '../ground/errors.js';

/** Where everything lies under one data directory. All absolute. */
export interface DataDirectory {
  readonly root: string;
  readonly accounts: string;
  /** Antigravity Tools' index; only ever kept in step, never created. */
  readonly index: string;
  readonly settings: string;
  readonly state: string;
  readonly logs: string;
  readonly trash: string;
  readonly lock: string;
  readonly socket: string;
}

/** Unix socket paths are cut silently past 107 bytes on Linux, 103 on macOS. */
const LONGEST_SOCKET_PATH_BYTES = 100;

/**
 * The data directory's path from `--data-dir`, else `REGRANT_DATA_DIR`, else `~/.regrant`.
 *
 * @throws {UsageError} the option is empty, as an unset variable of a script leaves it: that would be the working directory
 */
export function dataDirectoryPath(option: string | undefined, env: NodeJS.ProcessEnv): string {
  if (option === '') throw new UsageError('--data-dir is empty: name a directory, or leave it out');
  const named = option ?? (env.REGRANT_DATA_DIR !== '' ? env.REGRANT_DATA_DIR : undefined);
  return path.resolve(named ?? path.join(homedir(), '.regrant'));
}

/**
 * Names the places under `root` without touching the disk's content.
 *
 * Beside Antigravity Tools (told by its `gui_config.json`) everything of ours but the accounts lies in a folder of its
 * own, because that program clears away what it does not know.
 */
export function layout(root: string, env: NodeJS.ProcessEnv): DataDirectory {
  const own = existsSync(path.join(root, 'gui_config.json')) ? path.join(root, 'regrant') : root;
  return {
    root,
    accounts: path.join(root, 'accounts'),
    index: path.join(root, 'accounts.json'),
    settings: path.join(own, 'settings.json'),
    state: path.join(own, 'state'),
    logs: path.join(own, 'logs'),
    trash: path.join(own, 'trash'),
    lock: path.join(own, 'state', 'lock'),
    socket: socketPath(own, env),
  };
}

/** The control socket's place: in the data directory, unless its path is too long or others can enter there. */
function socketPath(own: string, env: NodeJS.ProcessEnv): string {
  const preferred = path.join(own, 'regrant.sock');
  if (Buffer.byteLength(preferred) <= LONGEST_SOCKET_PATH_BYTES && !othersCanEnter(own)) return preferred;
  const name = `${createHash('sha256').update(own).digest('hex').slice(0, 16)}.sock`;
  const runtime = env.XDG_RUNTIME_DIR;
  if (runtime !== undefined && runtime !== '' && !othersCanEnter(runtime) && existsSync(runtime)) {
    const inRuntime = path.join(runtime, `regrant-${name}`);
    if (Buffer.byteLength(inRuntime) <= LONGEST_SOCKET_PATH_BYTES) return inRuntime;
  }
  return path.join(tmpdir(), `regrant-${userInfo().uid}`, name);
}

/** A directory that does not stand yet will be made 0700, so nobody else can enter it. */
function othersCanEnter(directory: string): boolean {
  try {
    return (statSync(directory).mode & 0o077) !== 0;
  } catch {
    return false;
  }
}

/**
 * Makes a folder and those above it, 0700. One by one, because Node's own recursion never ends where a file system says
 * "no such directory" to a name it does not allow, as /proc does.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // another process may have been faster
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

/** Creates what is missing (0700) and proves that the directory can be written; what stands keeps its mode. */
export function prepareDirectory(root: string, env: NodeJS.ProcessEnv): DataDirectory {
  try {
    makeFolder(root);
    const places = layout(root, env);
    for (const folder of [path.dirname(places.settings), places.accounts, places.state, places.logs, places.trash]) {
      makeFolder(folder);
    }
    for (const folder of [path.dirname(places.settings), places.accounts, places.state]) {
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    }
    prepareSocketFolder(places);
    return places;
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    throw new CannotRun(
      'DATA_DIRECTORY',
      `cannot use the data directory ${root}: ${reasonOf(error)}; name another with --data-dir or REGRANT_DATA_DIR, or mend its permissions`,
    );
  }
}

/** Under the system's temporary folder anyone may have put a folder of that name first: it must be ours and closed. */
function prepareSocketFolder(places: DataDirectory): void {
  const folder = path.dirname(places.socket);
  makeFolder(folder);
  if (!folder.startsWith(tmpdir()) || folder.startsWith(places.root)) return;
  const { uid, mode } = statSync(folder);
  if (uid !== userInfo().uid) {
    throw new CannotRun(
      'SOCKET_FOLDER',
      `cannot use ${folder} for the control socket: it belongs to another user; set XDG_RUNTIME_DIR to a folder of your own`,
    );
  }
  if ((mode & 0o077) !== 0) chmodSync(folder, 0o700);
}
