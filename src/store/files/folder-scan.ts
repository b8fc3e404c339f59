/**
 * What the poll of the account files does, in a thread of its own where the file system may be slow or hang (a network
 * one, many files): it holds up that thread and nobody else.
 */
import type * as Fs from 'node:fs';

/** What a scan is told at its start. */
export interface ScanStart {
  readonly folder: string;
  /** Files that were read before it began: one of them that is gone by then is told too. */
  readonly known: readonly string[];
  /**
   * When their reading began, ms since 1970 as this machine's clock counts now: what a local file system says was
   * changed before is read. null: not known.
   */
  readonly readSince: number | null;
  /** Files that another scan hangs at. */
  readonly skip: readonly string[];
  /** The name of the file that it looks at now: its length in bytes in the first four of them, then the name. */
  readonly place: SharedArrayBuffer;
}

/** What a pass over the folder found. */
export interface ScanResult {
  /**
   * Files whose stamp is another one than at the pass before, that are new, gone, or changed just now; without those
   * that were told as news before.
   */
  readonly changed: readonly string[];
  /** Of all these, those that another stamp, a new or a gone name says it of: an event should have told of them. */
  readonly differs: readonly string[];
  /** Device and inode of the folder; null: it cannot be listed. */
  readonly folder: string | null;
  /**
   * Whether whatever is done to the files makes an event here, where there are events: a local file system, and no file
   * in it that is a link, has another name too or lies on another file system.
   */
  readonly isAllHere: boolean;
  /** Whether a file was added, removed, renamed or replaced since the pass before. */
  readonly isTouched: boolean;
  /** Whether the files were looked at; else only the folder itself. */
  readonly isWhole: boolean;
  /** Whether the folder was listed for it: a file that is new is seen so, whether or not an event told of it. */
  readonly isListed: boolean;
  /** How long the pass took, ms. */
  readonly tookMs: number;
}

/** What a long pass found so far. */
export interface ScanNews {
  readonly news: readonly string[];
}

/** How a pass is to be made. */
export interface PassOrder {
  readonly kind: 'pass';
  /**
   * `stamps`: the files of the pass before are looked at, and the folder is not listed, which takes a third of a pass.
   * `glance`: whether it is the same folder still, and touched; the files are looked at only if it is another.
   */
  readonly extent: 'whole' | 'stamps' | 'glance';
  /** Of `stamps`: files that events told of since the last pass, which it looks at too. */
  readonly told: readonly string[];
  /** A file to make and remove first, so that an event tells of it; null: none. */
  readonly probe: string | null;
}

/** What is said to it: begin a pass; or look at a file again that another scan hung at. */
export type ScanOrder = PassOrder | { readonly kind: 'unskip'; readonly name: string };

/** Two changes within this time may carry the same time stamp: the file is read again. */
export const TIME_STAMP_MS = 20;
/**
 * How long before the first pass the files may have been read where that is not known, and how far another machine's
 * clock may be off that stamps the files of a network file system.
 */
export const FIRST_READING_BACK_MS = 600_000;
/** A kernel stamps by a clock of its own that is behind; whoever sets the wall clock gets some tolerance too. */
export const READ_SINCE_BACK_MS = 1_000;

/** What a pass found is told so often while it goes on. */
export const NEWS_EVERY_MS = 100;

/**
 * The file systems, by the number that `statfs` of Linux gives them, on which nobody but this machine writes: ext2 to
 * ext4, xfs, btrfs, f2fs, zfs, bcachefs, jfs, reiserfs, tmpfs, ramfs, overlayfs.
 */
export const LOCAL_FILE_SYSTEMS: readonly number[] = [
  ...[0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0xca451a4e],
  ...[0x3153464a, 0x52654973, 0x01021994, 0x858458f6, 0x794c7630],
];

/** The longest name of a file, in bytes, on any system. */
export const LONGEST_NAME_BYTES = 1_020;

/** What the thread is handed beside `ScanStart`. */
export interface ScanBounds {
  readonly timeStampMs: number;
  readonly firstBackMs: number;
  readonly readSinceBackMs: number;
  readonly newsEveryMs: number;
  readonly local: readonly number[];
}

/** What it has of the thread that it runs in. */
export interface ScanThread {
  readonly parentPort: {
    on(message: 'message', listener: (order: ScanOrder) => void): unknown;
    postMessage(said: ScanResult | ScanNews): void;
  } | null;
  /** `ScanStart`. */
  readonly workerData: unknown;
}

/** Runs in a thread of its own too, and so has nothing of this module but what it is handed. */
export function scanFolder(
  fs: typeof Fs,
  { parentPort, workerData }: ScanThread,
  { timeStampMs, firstBackMs, readSinceBackMs, newsEveryMs, local }: ScanBounds,
): void {
  interface Stamp {
    ino: number;
    size: number;
    mtimeMs: number;
    ctimeMs: number;
    /** It changed just now: two changes may carry this stamp. */
    isFresh: boolean;
  }
  const { folder, known: read, readSince, skip, place } = workerData as ScanStart;
  const length = new Int32Array(place, 0, 1);
  const bytes = new Uint8Array(place, 4);
  /** An encoder writes into no memory that is shared. */
  const nameBytes = new Uint8Array(bytes.length);
  const encoder = new TextEncoder();
  const skipped = new Set(skip);
  const nothing: Stamp = { ino: 0, size: -1, mtimeMs: 0, ctimeMs: 0, isFresh: false };
  let stamps: Map<string, Stamp> | null = null;
  let lastFolder = '';
  /** When the folder was last touched. */
  let touchedAt = 0;
  let isAllHere = false;

  /** Takes from others what they may do to a file of ours; what a link names is another's. */
  function closeToOthers(file: string): void {
    try {
      const found = fs.lstatSync(file);
      const isOurs = found.isFile() && found.uid === process.getuid?.();
      if (isOurs && (found.mode & 0o077) !== 0) fs.chmodSync(file, 0o600);
    } catch {
      // it is gone again
    }
  }

  /** null: it is gone, or cannot be looked at. */
  function statsOf(name: string, dev: number): Fs.Stats | null {
    const { written } = encoder.encodeInto(name, nameBytes);
    bytes.set(nameBytes.subarray(0, written));
    Atomics.store(length, 0, written);
    try {
      const found = fs.lstatSync(`${folder}/${name}`);
      const isLink = (found.mode & 0o170000) === 0o120000;
      if (isLink || found.nlink > 1 || found.dev !== dev) isAllHere = false;
      return isLink ? fs.statSync(`${folder}/${name}`) : found;
    } catch {
      return null;
    } finally {
      Atomics.store(length, 0, 0);
    }
  }

  const isSame = (one: Stamp, { ino, size, mtimeMs, ctimeMs }: Fs.Stats | Stamp): boolean =>
    one.ino === ino && one.size === size && one.mtimeMs === mtimeMs && one.ctimeMs === ctimeMs;

  /** Whether a file may have changed since it was read, before the first pass. */
  const isYoung = (changedAt: number, now: number): boolean =>
    isAllHere && readSince !== null ? changedAt > readSince - readSinceBackMs : now - changedAt < firstBackMs;

  /** @param names - of the files to look at; `isListed`: there are no others */
  function compare(names: Iterable<string>, isListed: boolean, dev: number): { changed: string[]; differs: string[] } {
    const isFirst = stamps === null;
    const known = (stamps ??= new Map<string, Stamp>());
    const gone = new Set(isFirst ? read : isListed ? known.keys() : []);
    const found = { changed: [] as string[], differs: [] as string[] };
    let toldAt = performance.now();
    let told = 0;
    for (const name of names) {
      gone.delete(name);
      if (skipped.has(name)) continue;
      const stats = statsOf(name, dev);
      if (stats === null && !isListed) {
        if (known.has(name)) gone.add(name);
        continue;
      }
      const now = Date.now();
      const changedAt = stats === null ? 0 : Math.max(stats.mtimeMs, stats.ctimeMs);
      if (isFirst && stats !== null && (stats.mode & 0o077) !== 0) closeToOthers(`${folder}/${name}`);
      const before = known.get(name);
      const differs = before === undefined || !isSame(before, stats ?? nothing);
      if (isFirst ? isYoung(changedAt, now) : differs || before.isFresh) found.changed.push(name);
      if (!isFirst && differs) found.differs.push(name);
      const isFresh = Math.abs(now - changedAt) < timeStampMs;
      // all stamps made anew at each pass would only fill the old generation
      if (differs) {
        const { ino, size, mtimeMs, ctimeMs } = stats ?? nothing;
        known.set(name, { ino, size, mtimeMs, ctimeMs, isFresh });
      } else before.isFresh = isFresh;
      if (found.changed.length === told || performance.now() - toldAt < newsEveryMs) continue;
      parentPort?.postMessage({ news: found.changed.slice(told) });
      toldAt = performance.now();
      told = found.changed.length;
    }
    for (const name of gone) known.delete(name);
    if (!isFirst) found.differs.push(...gone);
    return { changed: [...found.changed.slice(told), ...gone], differs: found.differs };
  }

  /** Makes and removes a file: whoever is told of what happens in the folder is told of it. */
  function makeProbe(name: string): void {
    try {
      fs.closeSync(fs.openSync(`${folder}/${name}`, 'wx', 0o600));
      fs.unlinkSync(`${folder}/${name}`);
    } catch {
      // nothing is proven then
    }
  }

  function isLocal(): boolean {
    try {
      return local.includes(fs.statfsSync(folder).type);
    } catch {
      return false;
    }
  }

  const isAccountName = (name: string): boolean => name.endsWith('.json') && !name.startsWith('.');

  /** The files of the pass before, and those that events told of. */
  const knownAnd = (told: readonly string[]): string[] => {
    const known = stamps ?? new Map<string, Stamp>();
    return [...known.keys(), ...told.filter((name) => isAccountName(name) && !known.has(name))];
  };

  function pass({ extent, probe, told }: PassOrder): ScanResult {
    const began = performance.now();
    const tookMs = (): number => performance.now() - began;
    try {
      const { dev, ino, mtimeMs } = fs.statSync(folder);
      const now = `${dev} ${ino}`;
      const isTouched = mtimeMs !== touchedAt;
      touchedAt = mtimeMs;
      const same = { changed: [], differs: [], folder: now, isAllHere, isTouched, isWhole: false, isListed: false };
      if (extent === 'glance' && now === lastFolder) return { ...same, tookMs: tookMs() };
      if (probe !== null) {
        makeProbe(probe);
        // that is nobody's doing
        touchedAt = fs.statSync(folder).mtimeMs;
      }
      isAllHere = isLocal();
      const isListed = extent !== 'stamps' || now !== lastFolder;
      const found = compare(isListed ? fs.readdirSync(folder).filter(isAccountName) : knownAnd(told), isListed, dev);
      lastFolder = now;
      return { ...found, folder: now, isAllHere, isTouched, isWhole: true, isListed, tookMs: tookMs() };
    } catch {
      lastFolder = '';
      const unseen = { changed: [], differs: [], folder: null, isAllHere: false, isTouched: false };
      return { ...unseen, isWhole: true, isListed: true, tookMs: tookMs() };
    }
  }

  parentPort?.on('message', (order: ScanOrder) => {
    if (order.kind === 'pass') parentPort.postMessage(pass(order));
    else skipped.delete(order.name);
  });
}
