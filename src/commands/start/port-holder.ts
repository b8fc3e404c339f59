import { joinedSayings, saying } from '../../store/words/saying.js';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { type AddressInUse, hostAndPort } from '../../proxy/server/listener/listen-errors.js';
import { layout } from '../../store/disk/directory.js';
import { CannotRun, type Saying } from '../../store/ground/errors.js';
import { reachable } from '../supervisor/reachable.js';

/**
 * How long an answer is waited for: a regrant answers within a few ms, so anything slower is taken for another program.
 */
const ANSWER_MS = 1_000;
const LISTENING = '0A';

/** The process that listens on a port, as far as the system lets this user see it. */
export interface PortHolder {
  readonly uid: number;
  /** By /etc/passwd; null: the user has no name there. */
  readonly user: string | null;
  /** null: the process is another user's, and this one is not root. */
  readonly pid: number | null;
  /** null: not known. */
  readonly dataDir: string | null;
}

/** Another regrant listens on the proxy's port: nothing needs to be ended. */
export class ServedByAnother extends CannotRun {
  constructor(address: string, holder: PortHolder | null) {
    const next = whatNow(holder);
    super(
      'SERVED_BY_ANOTHER',
      holder === null
        ? saying('{address} is served by another regrant; {next}', { address, next })
        : saying('{address} is served by another regrant ({whose}); {next}', { address, whose: whose(holder), next }),
    );
  }
}

/** Finds out which process listens on the port. @returns the error to show in place of `error` */
export async function portTaken(error: AddressInUse): Promise<CannotRun> {
  const address = hostAndPort(error.host, error.port);
  return (await isRegrant(reachable(address))) ? new ServedByAnother(address, holderOf(error.port)) : error;
}

/** Whether a regrant of any version answers there, even one that asks for a key on every path. */
async function isRegrant(address: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'error' });
    const text = (await response.text()).slice(0, 2_000);
    return response.status === 200 ? /"name":\s*"regrant"/.test(text) : /\bregrant\b/.test(text);
  } catch {
    return false;
  }
}

function whose({ uid, user, pid, dataDir }: PortHolder): Saying {
  return joinedSayings(
    [
      saying('of user {name}', { name: user ?? uid }),
      ...(pid === null ? [] : [saying('pid {pid}', { pid })]),
      ...(dataDir === null ? [] : [saying('data directory {folder}', { folder: dataDir })]),
    ],
    ', ',
  );
}

/** A word quoted for the shell where that is necessary. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

function whatNow(holder: PortHolder | null): Saying {
  const another = saying('for a second one beside it set another proxy.port (or REGRANT_PROXY_PORT)');
  if (holder === null)
    return saying('its screen opens for its own user with `regrant` and its own --data-dir; {another}', { another });
  const isOwn = holder.uid === process.getuid?.();
  const as = isOwn || holder.user === null ? '' : `sudo -u ${quoted(holder.user)} `;
  if (holder.dataDir !== null)
    return saying('its screen: `{command}`; {another}', {
      command: `${as}regrant --data-dir ${quoted(holder.dataDir)}`,
      another,
    });
  return saying('its screen: `{command}`, with the --data-dir that it was started with; {another}', {
    command: `${as}regrant`,
    another,
  });
}

/** The process that listens on a port of this machine (Linux: proc_pid_net(5)); null: the system does not say. */
export function holderOf(port: number): PortHolder | null {
  const socket = ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => listeningIn(file, port)).find((row) => row !== null);
  if (socket === undefined) return null;
  const pid = processWith(socket.inode);
  return { uid: socket.uid, user: userName(socket.uid), pid, dataDir: pid === null ? null : dataDirOf(pid) };
}

function listeningIn(file: string, port: number): { readonly uid: number; readonly inode: string } | null {
  for (const line of textOf(file).split('\n').slice(1)) {
    const [, local = '', , state, , , , uid, , inode] = line.trim().split(/\s+/);
    if (state !== LISTENING || parseInt(local.split(':')[1] ?? '', 16) !== port) continue;
    return { uid: Number(uid), inode: inode ?? '' };
  }
  return null;
}

/** The process that has this socket open; only root can read the descriptors of other users' processes. */
function processWith(inode: string): number | null {
  const pids = namesIn('/proc').filter((name) => /^\d+$/.test(name));
  const has = (pid: string): boolean =>
    namesIn(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`);
  const pid = pids.find(has);
  return pid === undefined ? null : Number(pid);
}

/**
 * The data directory of a process, by the lock file that it has open: its command line cannot be read, since it sets
 * its title.
 */
function dataDirOf(pid: number): string | null {
  const open = namesIn(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`) ?? '');
  const lock = open.find((file) => file.endsWith(path.join('/state', 'lock')));
  if (lock === undefined) return null;
  const own = path.dirname(path.dirname(lock));
  const above = path.dirname(own);
  return layout(above, {}).lock === lock ? above : own;
}

function userName(uid: number): string | null {
  const row = textOf('/etc/passwd')
    .split('\n')
    .find((line) => line.split(':')[2] === String(uid));
  return row?.split(':')[0] ?? null;
}

/** The text of a file; empty where it cannot be read. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}
