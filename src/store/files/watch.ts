import { watch, type FSWatcher } from 'node:fs';
import path from 'node:path';
import { isAccountFile } from '../accounts/accounts-folder.js';
import type { Clock } from '../ground/clock.js';
import { temporaryBeside } from '../disk/durable.js';
import { byItself } from '../ground/faults.js';
import { within } from '../ground/within.js';
import { FolderPoll, sinceNow, type ReadAt } from './folder-poll.js';
import type { PassOrder, ScanResult } from './folder-scan.js';
import { densePauseMs, rareExtent, rarePauses } from './poll-pauses.js';
import { ProvenEvents } from './proven-events.js';

export interface WatchParts {
  /** The folder of the account files. */
  readonly folder: string;
  readonly store: {
    /** The files of all accounts. */
    readonly files: readonly string[];
    /** Files that are gone, but whose accounts are kept. */
    readonly missing: readonly string[];
    /** When the first reading of them began; null: not known. */
    readonly readAt: ReadAt | null;
    /** Reads these files, or the whole folder. */
    reread(names: readonly string[] | null): Promise<void>;
  };
  readonly clock: Clock;
}

/** An edit makes several events; they get this long to come. */
const GATHER_MS = 20;
/**
 * How often it is looked, where events are proven, whether the folder is the same one, and whether it was touched without
 * a word: a file that is added, removed or replaced is noticed so within two such looks, however many files there are.
 */
const GLANCE_MS = 800;
/** Somebody who asks for a look waits so long for it. */
const LOOK_MS = 2_000;

/**
 * Notices what other programs do to the account files, within a second on any file system: by the system's events where
 * there are any, and always by a poll of names, sizes and times too, since a missing event cannot be noticed. The poll
 * is rare where events are proven, see `ProvenEvents`. Whether a file says anything new is told by its content, so our
 * own writes are not taken for somebody else's.
 */
export class AccountsWatch {
  private watcher: FSWatcher | null = null;
  private readonly touched = new Set<string>();
  private cancelGather: (() => void) | null = null;
  private cancelPoll: () => void = () => undefined;
  private folderStamp = '';
  private rereading: Promise<void> | null = null;
  private wholeFolder = false;
  /** The folder could not be listed at the last poll. */
  private isLost = false;
  private stopped = false;

  private readonly poll: FolderPoll;
  private readonly events = new ProvenEvents();
  /** When the files were last looked at and when the folder was last listed, monotonic. */
  private readonly last = { look: -Infinity, list: -Infinity };
  /** How long after that both are due again where events are proven. */
  private rare = rarePauses(0);
  /** Who waits for the passes that were begun and have not ended, in their order; null: nobody. */
  private awaited: (((found: ScanResult) => void) | null)[] = [];
  /** What the pass under way has told so far. */
  private news: string[] = [];

  constructor(private readonly parts: WatchParts) {
    this.poll = new FolderPoll(
      parts.folder,
      parts.clock,
      () => ({ known: parts.store.files, readSince: this.readSince() }),
      (result) => this.took(result),
      (names) => {
        this.news.push(...names);
        this.reread(names);
      },
    );
  }

  /**
   * Files that changed lately are read at once: somebody may have written one between the first reading and the start
   * of the watch.
   */
  start(): void {
    this.listen();
    this.begin('whole', null);
  }

  /** Of a thread that begins later nobody knows what the passes before it have seen. */
  private readSince(): number | null {
    const { readAt } = this.parts.store;
    return readAt === null || this.last.list !== -Infinity ? null : sinceNow(readAt);
  }

  private begin(extent: PassOrder['extent'], probe: string | null, told: ((found: ScanResult) => void) | null = null) {
    if (this.awaited.length === 0) this.events.begins();
    this.awaited.push(told);
    this.poll.begin({ kind: 'pass', extent, probe, told: extent === 'stamps' ? this.events.names : [] });
  }

  /**
   * Looks at the stamps of all files now: that takes a tenth of the time of reading them.
   *
   * @returns the files that may say something else than when they were read; null: that cannot be told here
   */
  async lookNow(): Promise<readonly string[] | null> {
    if (this.stopped || this.last.list === -Infinity) return null;
    const looked = new Promise<readonly string[] | null>((resolve) => {
      const told = (result: ScanResult): void =>
        resolve(changedIn(result, [...this.news, ...this.touched, ...this.parts.store.missing]));
      this.begin('whole', null, told);
    });
    return within(looked, LOOK_MS, this.parts.clock, () => {
      this.awaited = [];
      return null;
    });
  }

  /** Stops watching. A reading under way may still end; it writes nothing. */
  stop(): void {
    this.stopped = true;
    this.poll.stop();
    this.cancelPoll();
    this.cancelGather?.();
    this.watcher?.close();
  }

  /** Asks for events; without them the poll does the work alone. */
  private listen(): void {
    this.watcher?.close();
    this.watcher = null;
    this.events.forget();
    try {
      this.watcher = watch(this.parts.folder, { persistent: false }, (_event, name) => this.touch(name));
      this.watcher.on('error', () => this.watcher?.close());
    } catch {
      // no such folder, no more watches to be had, or no events here
    }
  }

  private touch(name: string | null): void {
    if (this.stopped || name === null) return;
    this.events.tells(name, this.parts.clock.monotonic());
    if (!isAccountFile(name)) return;
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

  private took(result: ScanResult): void {
    const { changed, folder } = result;
    const { store } = this.parts;
    this.awaited.shift()?.(result);
    this.news = [];
    const { missing } = store;
    if (folder !== null) this.followFolder(folder);
    if (changed.length > 0) this.reread(changed);
    // where it cannot be listed the store says why; a missing file may come back unchanged, with the same stamp
    if (folder === null || this.isLost) this.reread(null);
    else if (missing.length > 0) this.reread(missing);
    this.isLost = folder === null;
    this.passLater(result);
  }

  private passLater(result: ScanResult): void {
    const { clock, folder } = this.parts;
    const now = clock.monotonic();
    this.events.compare(result, now);
    if (result.isWhole) this.last.look = now;
    if (result.isListed) {
      this.last.list = now;
      this.rare = rarePauses(result.tookMs);
    }
    const isRare = this.events.areProven(now);
    const pause = isRare ? GLANCE_MS : densePauseMs(result.tookMs);
    const extent = isRare ? rareExtent(now + pause, this.last, this.rare) : 'whole';
    const wantsProbe = extent === 'whole' && this.events.wantsProbe(now, this.rare.list);
    const probe = wantsProbe ? temporaryBeside(path.join(folder, 'x')) : null;
    this.cancelPoll();
    this.cancelPoll = clock.after(pause, () => {
      const name = probe === null ? null : path.basename(probe);
      if (name !== null) this.events.probes(name);
      this.begin(this.events.mayLackSome ? 'whole' : extent, name);
    });
  }

  /** Asks for the events of the new folder where the folder was moved away and made again. */
  private followFolder(stamp: string): void {
    if (this.folderStamp !== '' && this.folderStamp !== stamp) this.listen();
    this.folderStamp = stamp;
  }
}

/** null: a change may leave no stamp here, or the folder cannot be listed. */
function changedIn({ folder, isAllHere, changed }: ScanResult, more: readonly string[]): readonly string[] | null {
  return folder === null || !isAllHere ? null : [...changed, ...more];
}
