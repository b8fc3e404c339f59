/** A Debian in a folder: made by debootstrap once, kept in `.cache/debian`, and copied for each use. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

const CACHE = path.join(import.meta.dirname, '..', '..', '.cache');

/**
 * Lays the smallest one that is Debian 12 into a folder that is not there yet.
 *
 * @param log - told what takes its time
 * @returns false: this machine cannot make one
 */
export function layDebian(root: string, log: (text: string) => void): boolean {
  const kept = path.join(CACHE, 'debian');
  if (!existsSync(kept)) {
    if (spawnSync('debootstrap', ['--version']).status !== 0 || process.getuid?.() !== 0) return false;
    log('debootstrap fetches a Debian');
    const unfinished = `${kept}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(CACHE, { recursive: true });
    const words = ['--variant=minbase', '--include=ca-certificates,adduser', 'bookworm', unfinished];
    execFileSync('debootstrap', words, { stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync('sh', ['-c', 'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*', 'sh', unfinished]);
    renameSync(unfinished, kept);
  }
  execFileSync('cp', ['-a', kept, root]);
  return true;
}
