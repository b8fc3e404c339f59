import { reason, saying } from '../words/saying.js';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { CannotRun, systemCode, UsageError } from '../ground/errors.js';
import { closeAllToOthers, closeToOthers, homeDirectory, refuseOthersWriting } from './ownership.js';
import { expectedSocket } from './socket-place.js';

/** The paths of everything in one data directory. All absolute. */
export interface DataDirectory {
  readonly root: string;
  readonly accounts: string;
  /** Antigravity Tools' index of accounts; kept up to date where it exists, never created. */
  readonly index: string;
  readonly settings: string;
  /** The client keys, as hashes. */
  readonly keys: string;
  /** The counts of requests and tokens, by day. */
  readonly usage: string;
  readonly state: string;
  readonly logs: string;
  readonly trash: string;
  readonly lock: string;
  readonly socket: string;
}

/**
 * The data directory's path from `--data-dir`, else `REGRANT_DATA_DIR`, else `~/.regrant`.
 *
 * @throws {UsageError} the option is empty, as an unset variable of a script leaves it (that would be the working
 *   directory); or nothing names one, and there is no home directory
 */
export function dataDirectoryPath(option: string | undefined, env: NodeJS.ProcessEnv): string {
  if (option === '') throw new UsageError(saying('--data-dir is empty: name a directory, or leave it out'));
  const named = option ?? (env.REGRANT_DATA_DIR !== '' ? env.REGRANT_DATA_DIR : undefined);
  return path.resolve(named ?? path.join(home(), '.regrant'));
}

function home(): string {
  const found = homeDirectory();
  if (found !== null) return found;
  throw new UsageError(
    saying('there is no home directory (HOME is not set): name a directory with --data-dir or REGRANT_DATA_DIR'),
  );
}

/**
 * Names the paths under `root`; creates and changes nothing.
 *
 * In a data directory of Antigravity Tools (known by its `gui_config.json`) everything of ours but the accounts lies in
 * a subfolder, because that program deletes what it does not know.
 */
export function layout(root: string, env: NodeJS.ProcessEnv): DataDirectory {
  const own = existsSync(path.join(root, 'gui_config.json')) ? path.join(root, 'regrant') : root;
  return {
    root,
    accounts: path.join(root, 'accounts'),
    index: path.join(root, 'accounts.json'),
    settings: path.join(own, 'settings.json'),
    keys: path.join(own, 'keys.json'),
    usage: path.join(own, 'usage'),
    state: path.join(own, 'state'),
    logs: path.join(own, 'logs'),
    trash: path.join(own, 'trash'),
    lock: path.join(own, 'state', 'lock'),
    socket: expectedSocket(own, env),
  };
}

/**
 * Makes a folder and those above it, 0700. One by one, because Node's own recursion never ends where a file system
 * answers "no such directory" to a name that it does not allow, as /proc does.
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

/**
 * Creates what is missing (0700) and makes sure that the directory can be written. What exists keeps its mode, but
 * files that hold secrets are closed to others.
 *
 * @throws {UsageError} other users can write there, or it belongs to somebody else
 * @throws {CannotRun} it cannot be used
 */
export function prepareDirectory(root: string, env: NodeJS.ProcessEnv): DataDirectory {
  return usable(root, () => {
    makeFolder(root);
    const places = layout(root, env);
    const own = path.dirname(places.settings);
    for (const folder of [own, places.accounts, places.state, places.logs, places.trash]) makeFolder(folder);
    for (const folder of new Set([root, own, places.accounts])) refuseOthersWriting(folder);
    for (const folder of [own, places.accounts, places.state]) {
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    }
    closeToOthers(places.settings);
    closeToOthers(path.join(own, 'keys.json'));
    for (const folder of [places.state, places.trash]) closeAllToOthers(folder);
    return places;
  });
}

/** Makes sure that what there is of the directory can be read; nothing is made or changed. @throws as `prepareDirectory` */
export function directoryToRead(root: string, env: NodeJS.ProcessEnv): DataDirectory {
  return usable(root, () => {
    const places = layout(root, env);
    for (const folder of new Set([root, path.dirname(places.settings), places.accounts])) {
      if (!existsSync(folder)) continue;
      refuseOthersWriting(folder);
      accessSync(folder, constants.R_OK | constants.X_OK);
    }
    return places;
  });
}

function usable(root: string, use: () => DataDirectory): DataDirectory {
  try {
    return use();
  } catch (error) {
    if (error instanceof CannotRun || error instanceof UsageError) throw error;
    throw new CannotRun(
      'DATA_DIRECTORY',
      saying(
        'cannot use the data directory {folder}: {why}; name another with --data-dir or REGRANT_DATA_DIR, or mend its permissions',
        { folder: root, why: reason(error) },
      ),
    );
  }
}
