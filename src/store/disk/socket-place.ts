import { chmodSync, existsSync, mkdirSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fingerprint } from '../ground/fingerprint.js';
import { othersCanEnter, ownUid } from './ownership.js';

/** Unix socket paths are cut silently past 107 bytes on Linux, 103 on macOS. */
const LONGEST_PATH_BYTES = 100;

const fits = (file: string): boolean => Buffer.byteLength(file) <= LONGEST_PATH_BYTES;

/** Whether only we can enter a directory. One that does not exist yet will be made 0700, so it counts as closed. */
function isClosed(directory: string): boolean {
  const found = statSync(directory, { throwIfNoEntry: false });
  return found === undefined || !othersCanEnter(found);
}

/** The socket's name where several data directories may have one. */
const nameFor = (own: string): string => `${fingerprint(own).slice(0, 16)}.sock`;

function inRuntime(own: string, env: NodeJS.ProcessEnv): string | null {
  const runtime = env.XDG_RUNTIME_DIR;
  if (runtime === undefined || runtime === '' || !existsSync(runtime) || !isClosed(runtime)) return null;
  const file = path.join(runtime, `regrant-${nameFor(own)}`);
  return fits(file) ? file : null;
}

/**
 * Where the control socket is looked for unless an option says otherwise: in the data directory, unless its path is too
 * long or others can enter there. Creates nothing.
 *
 * @param own - the folder of what is regrant's own
 */
export function expectedSocket(own: string, env: NodeJS.ProcessEnv): string {
  const inside = path.join(own, 'regrant.sock');
  if (fits(inside) && isClosed(own)) return inside;
  return inRuntime(own, env) ?? path.join(temporaryFolderName(), nameFor(own));
}

const temporaryFolderName = (): string => path.join(tmpdir(), `regrant-${ownUid()}`);

/**
 * Where the socket may be made, the best place first; a caller that cannot make it in one place asks for the next. In
 * the system's temporary folder a folder is made when it is asked for, with a random name that nobody can have taken
 * first.
 */
export function* socketPlaces(own: string, env: NodeJS.ProcessEnv): Generator<string> {
  const inside = path.join(own, 'regrant.sock');
  if (fits(inside) && isClosed(own)) yield inside;
  const runtime = inRuntime(own, env);
  if (runtime !== null) yield runtime;
  try {
    const temporary = path.join(mkdtempSync(`${temporaryFolderName()}-`), 'regrant.sock');
    if (fits(temporary)) yield temporary;
  } catch {
    // no temporary folder, or none that can be written
  }
  if (isClosed(own)) return;
  const folder = path.join(own, 'run');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const closed = path.join(folder, 'regrant.sock');
  if (fits(closed)) yield closed;
}
