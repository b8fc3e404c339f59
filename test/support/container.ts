import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A uid that no passwd entry is for. */
export const CONTAINER_UID = 12_345;

/**
 * All that is mounted becomes read-only, but for one folder and what the kernel makes up; then the user becomes one that
 * nobody knows.
 */
const ENTER = `
set -e
mount --bind "$WRITABLE" "$WRITABLE"
while read -r _ at type options _; do
  case "$type" in proc|sysfs|devtmpfs|devpts|mqueue|cgroup*) continue;; esac
  case "$at" in "$WRITABLE") continue;; esac
  case "$options" in ro,*) continue;; esac
  mount -o remount,bind,ro "$at" 2> /dev/null || true
done < /proc/self/mounts
cd /
exec unshare -U --map-user="$UID_INSIDE" --map-group="$UID_INSIDE" -- env -u HOME -u USER -u LOGNAME -u UID_INSIDE "$@"
`;

export interface Container {
  /** The one folder that can be written. */
  readonly writable: string;
  /** Runs a program in it to its end. Relative paths are below the root of the file system. */
  run(command: readonly string[], env?: NodeJS.ProcessEnv): SpawnSyncReturns<string>;
}

/**
 * What \`docker run -u 12345 --read-only -v …\` gives a program, as far as user namespaces can: a uid without a passwd
 * entry, no home, and a file system that takes nothing.
 *
 * @returns null: namespaces are not allowed here
 */
export function openContainer(): (Container & { close(): void }) | null {
  const writable = mkdtempSync(path.join(tmpdir(), 'regrant-container-'));
  chmodSync(writable, 0o777);
  const run: Container['run'] = (command, env = {}) =>
    spawnSync('unshare', ['-rm', 'sh', '-c', ENTER, 'sh', ...command], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, TMPDIR: writable, WRITABLE: writable, UID_INSIDE: String(CONTAINER_UID), ...env },
    });
  const close = (): void => rmSync(writable, { recursive: true, force: true });
  const isAllowed =
    run(['sh', '-c', `test "$(id -u)" = ${CONTAINER_UID} && ! touch /regrant-is-read-only`]).status === 0;
  if (isAllowed) return { writable, run, close };
  close();
  return null;
}
