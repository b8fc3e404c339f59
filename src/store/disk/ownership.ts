import { saying } from '../words/saying.js';
import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, type Stats } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import { UsageError } from '../ground/errors.js';

/** This process's user. A container may give it a number that no table of users knows. */
export const ownUid = (): number => process.getuid?.() ?? -1;

/** The name of this process's user; null: no table of users knows it. */
export function ownUserName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** The home directory, as HOME or the table of users names it; null: neither does. */
export function homeDirectory(): string | null {
  try {
    return homedir();
  } catch {
    return null;
  }
}

/** Whether other users may enter, by the mode alone; the group counts as others. */
export const othersCanEnter = ({ mode }: Stats): boolean => (mode & 0o077) !== 0;

/**
 * Refuses a folder that other users can write or that belongs to somebody else: he could put an account, a setting or a
 * socket of his own there.
 *
 * @throws {UsageError} names the command that mends it
 */
export function refuseOthersWriting(folder: string): void {
  const found = statSync(folder);
  if (found.uid !== ownUid()) {
    throw new UsageError(
      saying('{folder} belongs to another user (uid {uid}): run this as that user, or mend it with: {command}', {
        ...{ folder, uid: found.uid, command: `chown -R ${ownUid()} ${quoted(folder)}` },
      }),
    );
  }
  const others = (found.mode & 0o002) !== 0;
  const group = (found.mode & 0o020) !== 0 && !isOwnGroup(found.gid);
  if (!others && !group) return;
  const command = `chmod go-w ${quoted(folder)}`;
  throw new UsageError(
    others
      ? saying('everybody can write in {folder}: mend it with: {command}', { folder, command })
      : saying('its group (gid {gid}) can write in {folder}: mend it with: {command}', {
          gid: found.gid,
          folder,
          command,
        }),
  );
}

/** Takes the permissions of other users off a file of ours; a link, a pipe, or another user's file is left alone. */
export function closeToOthers(file: string): void {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found?.isFile() !== true || found.uid !== ownUid() || !othersCanEnter(found)) return;
  try {
    chmodSync(file, 0o600);
  } catch {
    // a file system without modes, or one that refuses the change: the mode stays
  }
}

/** Does `closeToOthers` for each file in a folder, but not in its subfolders. */
export function closeAllToOthers(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile()) closeToOthers(path.join(folder, entry.name));
  }
}

/**
 * Whether a group has no other member, as is usual where the umask is 002. If that cannot be found out, it counts as
 * having others.
 */
function isOwnGroup(gid: number): boolean {
  if (gid !== process.getgid?.()) return false;
  const uid = String(ownUid());
  const users = table('/etc/passwd');
  const groups = table('/etc/group');
  if (users === null || groups === null) return false;
  const own = users.filter((user) => user[2] === uid).map(([name]) => name);
  const isOthers = users.some((user) => user[3] === String(gid) && user[2] !== uid);
  const members = groups.filter((group) => group[2] === String(gid)).flatMap((group) => (group[3] ?? '').split(','));
  return !isOthers && members.every((name) => name === '' || own.includes(name));
}

function table(file: string): string[][] | null {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return null;
  }
}

/** A path quoted as a shell needs it. */
const quoted = (file: string): string => (/^[\w./@%+=:,-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`);
