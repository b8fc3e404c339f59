import { read, saying } from '../store/words/saying.js';
import { statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { dataDirectoryPath, layout } from '../store/disk/directory.js';
import { systemCode } from '../store/ground/errors.js';
import { ownUid } from '../store/disk/ownership.js';
import type { ControlClient } from './client.js';
import type { Speaking } from './protocol.js';

/**
 * Connects to the supervisor that runs on a data directory; null: none does.
 *
 * @param option - as given with `--data-dir`
 * @throws {ControlError} it cannot be spoken to
 */
export async function connectTo(
  option: string | undefined,
  env: NodeJS.ProcessEnv,
  speaking: Speaking = {},
): Promise<ControlClient | null> {
  const places = layout(dataDirectoryPath(option, env), env);
  // the path in the lock file first: a supervisor started by systemd may have another XDG_RUNTIME_DIR than this shell
  const sockets = new Set([(await socketInLock(places.lock)) ?? places.socket, places.socket]);
  for (const socket of sockets) {
    const fault = distrust(path.dirname(socket), places.root);
    if (fault === null && isGone(socket)) continue;
    // loaded where there is something to speak to: without a supervisor a verb spends a tenth of its time on this
    const { ControlClient, ControlError } = await import('./client.js');
    if (fault !== null)
      throw new ControlError(
        'CONTROL_SOCKET',
        saying('the control socket {socket} is not used: {why}', { socket, why: read(fault) }),
      );
    const client = await ControlClient.connect(socket, speaking);
    if (client !== null) return client;
  }
  return null;
}

async function socketInLock(lock: string): Promise<string | undefined> {
  if (isGone(lock)) return undefined;
  const { readOwner } = await import('../store/disk/lock-owner.js');
  return readOwner(lock)?.socket;
}

/** Whether there is nothing at a path; one that cannot be looked at may be there. */
function isGone(at: string): boolean {
  try {
    return statSync(at, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    return systemCode(error) === 'ENOTDIR';
  }
}

/**
 * Why a socket in this folder may be somebody else's; null: only this user, root or the data directory's owner can have
 * made it. A pasted token is sent into it, and in the system's temporary folder anybody could have made it first.
 */
function distrust(folder: string, root: string): string | null {
  const stats = statsOf(folder);
  if (stats === null) return null;
  const trusted = [0, ownUid(), statsOf(root)?.uid];
  if (!trusted.includes(stats.uid)) return `${folder} belongs to another user (uid ${stats.uid})`;
  return (stats.mode & 0o022) === 0 ? null : `others may write in ${folder}`;
}

function statsOf(at: string): Stats | null {
  try {
    return statSync(at);
  } catch {
    return null;
  }
}
