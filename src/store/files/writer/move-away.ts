import { chmod, readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { readAccountFile } from '../../accounts/account-file.js';
import { NotBroughtBack } from '../../accounts/account-store.js';
import type { Disk } from '../../disk/disk.js';
import { createDurably, moveDurably, removeDurably, writeDurably } from '../../disk/durable.js';
import { reasonOf, systemCode } from '../../ground/errors.js';
import { parseExactly, printExactly } from '../../ground/exact-json.js';
import type { JsonObject } from '../../ground/json.js';
import { reason, saying } from '../../words/saying.js';
import type { Pending } from '../../accounts/pending.js';
import { NotSaved } from '../../accounts/stored-account.js';

/** An account whose file is to be moved away. */
export interface MovingAccount {
  readonly id: string;
  /** The file's name. */
  readonly file: string;
  readonly path: string;
  readonly pending: Pending;
  /** The account's JSON as in memory, with all pending changes; null: it never was readable. */
  readonly json: JsonObject | null;
}

/**
 * Moves an account's file durably to `target` (0600): as it is on disk, every digit unchanged, with changes that could
 * not be saved and those that come meanwhile. A file that cannot be read is moved as it is; one that is gone is written
 * again from memory.
 *
 * @throws the system's error: nothing was moved
 */
export async function moveAccountAway(moving: MovingAccount, target: string, disk: Disk): Promise<void> {
  const { id, path, pending, json } = moving;
  const found = readAccountFile(path, id, 'unknown');
  pending.begin();
  if (found.kind === 'account' && !pending.isEmpty) {
    await writeDurably(target, printedWith(pending, found.text), disk);
    await removeDurably(path, disk);
  } else if (found.kind === 'gone' && json !== null) {
    await writeDurably(target, printExactly(json), disk);
  } else {
    await moveDurably(path, target, disk);
    if ((await stat(target)).isFile()) await chmod(target, 0o600);
  }
  await sendAfter(moving, target, disk);
}

/** Undoes that: the file stands at `path` again. @throws {NotBroughtBack} another stands there, or it cannot be moved */
export async function bringAccountBack(from: string, path: string, disk: Disk): Promise<void> {
  try {
    await createDurably(path, await readFile(from), disk);
    await removeDurably(from, disk);
  } catch (error) {
    const isTaken = systemCode(error) === 'EEXIST';
    const why = isTaken ? saying('an account of that name stands there again') : reason(error);
    throw new NotBroughtBack(basename(path), saying('{why}; it lies in {from}', { why, from }));
  }
}

/** Writes the changes that came meanwhile into the file that was moved away. */
async function sendAfter({ id, file, pending }: MovingAccount, target: string, disk: Disk): Promise<void> {
  try {
    while (pending.hasMore) {
      pending.begin();
      const moved = readAccountFile(target, id, 'unknown');
      if (moved.kind === 'account') await writeDurably(target, printedWith(pending, moved.text), disk);
    }
    pending.landed();
  } catch (error) {
    pending.failed(new NotSaved(file, reasonOf(error)));
  }
}

const printedWith = (pending: Pending, text: string): string => printExactly(pending.onTopOf(parseExactly(text)));
