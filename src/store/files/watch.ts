import { statSync, watch, type FSWatcher } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isAccountFile } from '../accounts/accounts-folder.js';
import type { Clock } from '../ground/clock.js';
import { systemCode } from '../ground/errors.js';
import { byItself } from '../ground/faults.js';
import { closeToOthers } from '../disk/ownership.js';

export interface WatchParts {
  /** The folder of the account files. */
  readonly folder: string;
  readonly store: {
    /** Files that are gone, but whose accounts are kept. */
    readonly missing: readonly string[];
    /** Reads these files, or the whole folder. */
    reread(names: readonly string[] | null): Promise<void>;
  };
  readonly clock: Clock;
}

/** An edit makes several events; they get this long to come. */
const GATHER_MS = 20;
/**
 * How often the files are looked at. Where events do not reach us (network and user-space file systems, a queue that
 * overflowed), changes are noticed this late.
 */
const POLL_EVERY_MS = 500;
/** The poll may take one part in so many of a core; with tens of thousands of files it pauses longer. */
const POLL_SHARE = 50;
const LONGEST_PAUSE_MS = 900;
const FILES_PER_TURN = 200;
/** Two changes within this time may have the same time stamp: the file is read again. */
const TIME_STAMP_MS = 20;
/** How long before the first poll a file may have been read. Large enough for a file server whose clock differs. */
const FIRST_READING_BACK_MS = 600_000;

/**
 * Notices what other programs do to the account files, within a second on any file system: by the system's events where
 * there are any, and always by a poll of names, sizes and times too, since a missing event cannot be noticed. Whether a
 * file says anything new is told by its content, so our own writes are not taken for somebody else's.
 */
export class AccountsWatch {
  private watcher: FSWatcher | null = null;
  /** File name → size, times and inode at the last poll. */
  private stamps: Map<string, Stamp> | null = null;
  private readonly touched = new Set<string>();
  private cancelGather: (() => void) | null = null;
  private cancelPoll: () => void = () => undefined;
  private folderStamp = '';
  private rereading: Promise<void> | null = null;
  private wholeFolder = false;
  /** The folder could not be listed at the last poll. */
  private isLost = false;
  private stopped = false;

  constructor(private readonly parts: WatchParts) {}

  /**
   * Files that changed lately are read at once: somebody may have written one between the first reading and the start
   * of the watch.
   */
  start(): void {
    this.listen();
    byItself('the look at the account files', this.poll());
  }

  /** Stops watching. A reading under way may still end; it writes nothing. */
  stop(): void {
    this.stopped = true;
    this.cancelPoll();
    this.cancelGather?.();
    this.watcher?.close();
  }

  /** Asks for events; without them the poll does the work alone. */
  private listen(): void {
    this.watcher?.close();
    this.watcher = null;
    try {
      this.watcher = watch(this.parts.folder, { persistent: false }, (_event, name) => this.touch(name));
      this.watcher.on('error', () => this.watcher?.close());
    } catch {
      // no such folder, no more watches to be had, or no events here
    }
  }

  private touch(name: string | null): void {
    if (this.stopped || name === null || !isAccountFile(name)) return;
    this.touched.add(name);
    this.cancelGather ??= this.parts.clock.after(GATHER_MS, () => {
      this.cancelGather = null;
      this.rereadTouched();
    });
  }

  private rereadTouched(): void {
    if (this.touched.size > 0) this.reread([...this.touched]);
  }

  /** One reading at a time; files that change meanwhile are read together after it. */
  private reread(names: readonly string[] | null): void {
    if (this.stopped) return;
    if (this.rereading !== null) {
      for (const name of names ?? []) this.touched.add(name);
      this.wholeFolder ||= names === null;
      return;
    }
    for (const name of names ?? []) this.touched.delete(name);
    const rereading = this.parts.store.reread(names).finally(() => {
      this.rereading = null;
      const wasWhole = this.wholeFolder;
      this.wholeFolder = false;
      if (wasWhole) this.reread(null);
      else this.rereadTouched();
    });
    this.rereading = rereading;
    byItself('the reading of account files', rereading);
  }

  private async poll(): Promise<void> {
    const { folder, clock, store } = this.parts;
    let worked = 0;
    try {
      this.followFolder();
      worked = await this.compare(await readdir(folder));
      // a missing file may come back unchanged, with the same stamp, so it is read whatever the stamps say
      if (this.isLost) this.reread(null);
      else if (store.missing.length > 0) this.reread(store.missing);
      this.isLost = false;
    } catch {
      // the store says why it cannot be listed
      this.isLost = true;
      this.reread(null);
    }
    if (this.stopped) return;
    const pause = Math.min(Math.max(POLL_EVERY_MS, worked * POLL_SHARE), LONGEST_PAUSE_MS);
    this.cancelPoll = clock.after(pause, () => byItself('the look at the account files', this.poll()));
  }

  /** Asks for the events of the new folder where the folder was moved away and made again. */
  private followFolder(): void {
    const { ino, dev } = statSync(this.parts.folder);
    const stamp = `${dev} ${ino}`;
    if (this.folderStamp !== '' && this.folderStamp !== stamp) this.listen();
    this.folderStamp = stamp;
  }

  /** Finds the files whose stamps changed, and has them read. @returns how long that took, in ms */
  private async compare(names: readonly string[]): Promise<number> {
    const { clock, folder } = this.parts;
    let since = clock.monotonic();
    let worked = 0;
    const isFirst = this.stamps === null;
    const stamps = (this.stamps ??= new Map<string, Stamp>());
    const gone = new Set(stamps.keys());
    const changed: string[] = [];
    for (const [index, name] of names.filter(isAccountFile).entries()) {
      if (index % FILES_PER_TURN === FILES_PER_TURN - 1) {
        worked += clock.monotonic() - since;
        await new Promise(setImmediate);
        since = clock.monotonic();
      }
      const stamp = stampOf(path.join(folder, name));
      const now = clock.now();
      const known = stamps.get(name);
      gone.delete(name);
      if (isFirst && stamp.isOpenToOthers) closeToOthers(path.join(folder, name));
      // the first poll has no stamps to compare: a file that has not changed for so long has not changed since it
      // was read
      if (isFirst ? now - stamp.changedAt < FIRST_READING_BACK_MS : known?.text !== stamp.text) changed.push(name);
      else if (known?.isFresh === true) changed.push(name);
      const isFresh = Math.abs(now - stamp.changedAt) < TIME_STAMP_MS;
      // new stamps for all files twice a second would only be garbage
      if (known?.text !== stamp.text || known.isFresh !== isFresh) stamps.set(name, { ...stamp, isFresh });
    }
    for (const name of gone) {
      stamps.delete(name);
      changed.push(name);
    }
    if (changed.length > 0) this.reread(changed);
    return worked + clock.monotonic() - since;
  }
}

interface Stamp {
  readonly text: string;
  /** ms since 1970. */
  readonly changedAt: number;
  /** The file changed just now, and may have changed again within the same tick of its time stamp. */
  readonly isFresh: boolean;
  /** Whether its mode lets others read it. */
  readonly isOpenToOthers: boolean;
}

function stampOf(file: string): Stamp {
  try {
    const { ino, size, mtimeMs, ctimeMs, mode } = statSync(file);
    const text = `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
    return { text, changedAt: Math.max(mtimeMs, ctimeMs), isFresh: false, isOpenToOthers: (mode & 0o077) !== 0 };
  } catch (error) {
    return { text: systemCode(error), changedAt: 0, isFresh: false, isOpenToOthers: false };
  }
}
