/**
 * What the poll of the account files does in a thread of its own: a file system that is slow or hangs (a network one, a
 * dying disk) holds up that thread and nobody else.
 */
import type * as Fs from 'node:fs';
import type * as Threads from 'node:worker_threads';

/** What a scan is told at its start. */
export interface ScanStart {
  readonly folder: string;
  /** Files that were read before it began: one of them that is gone by then is told too. */
  readonly known: readonly string[];
  /** Files that another scan hangs at. */
  readonly skip: readonly string[];
  /** The name of the file that it looks at now: its length in bytes in the first four of them, then the name. */
  readonly place: SharedArrayBuffer;
}

/** What a pass over the folder found. */
export interface ScanResult {
  /** Files whose stamp is another one than at the pass before, that are new, gone, or changed just now. */
  readonly changed: readonly string[];
  /** Device and inode of the folder; null: it cannot be listed. */
  readonly folder: string | null;
  /** How long the pass took, ms. */
  readonly tookMs: number;
}

/** What is said to it: begin a pass; or look at a file again that another scan hung at. */
export type ScanOrder = { readonly kind: 'pass' } | { readonly kind: 'unskip'; readonly name: string };

/** Two changes within this time may carry the same time stamp: the file is read again. */
export const TIME_STAMP_MS = 20;
/** How long before the first pass the files may have been read, and how far another machine's clock may be off. */
export const FIRST_READING_BACK_MS = 600_000;

/** The longest name of a file, in bytes, on any system. */
export const LONGEST_NAME_BYTES = 1_020;

/** Runs in the thread, and so has nothing of this module but what it is handed. */
export function scanInThread(
  fs: typeof Fs,
  { parentPort, workerData }: typeof Threads,
  timeStampMs: number,
  firstBackMs: number,
): void {
  const { folder, known: read, skip, place } = workerData as ScanStart;
  const length = new Int32Array(place, 0, 1);
  const bytes = new Uint8Array(place, 4);
  const encoder = new TextEncoder();
  const skipped = new Set(skip);
  let stamps: Map<string, { readonly text: string; readonly isFresh: boolean }> | null = null;

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

  function stampOf(name: string): { text: string; changedAt: number; isOpen: boolean } {
    const copy = new Uint8Array(bytes.length);
    const { written } = encoder.encodeInto(name, copy);
    bytes.set(copy);
    Atomics.store(length, 0, written);
    try {
      const { ino, size, mtimeMs, ctimeMs, mode } = fs.statSync(`${folder}/${name}`);
      const text = `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
      return { text, changedAt: Math.max(mtimeMs, ctimeMs), isOpen: (mode & 0o077) !== 0 };
    } catch (error) {
      return { text: (error as { code?: string }).code ?? '', changedAt: 0, isOpen: false };
    } finally {
      Atomics.store(length, 0, 0);
    }
  }

  function compare(names: readonly string[]): string[] {
    const isFirst = stamps === null;
    const known = (stamps ??= new Map<string, { readonly text: string; readonly isFresh: boolean }>());
    const gone = new Set(isFirst ? read : known.keys());
    const changed: string[] = [];
    for (const name of names) {
      gone.delete(name);
      if (skipped.has(name)) continue;
      const { text, changedAt, isOpen } = stampOf(name);
      if (isFirst && isOpen) closeToOthers(`${folder}/${name}`);
      const now = Date.now();
      const before = known.get(name);
      if (isFirst ? now - changedAt < firstBackMs : before?.text !== text || before.isFresh) changed.push(name);
      const isFresh = Math.abs(now - changedAt) < timeStampMs;
      // all stamps made anew at each pass would only fill the old generation
      if (before?.text !== text || before.isFresh !== isFresh) known.set(name, { text, isFresh });
    }
    for (const name of gone) {
      known.delete(name);
      changed.push(name);
    }
    return changed;
  }

  function pass(): ScanResult {
    const began = performance.now();
    try {
      const { dev, ino } = fs.statSync(folder);
      const names = fs.readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
      const changed = compare(names);
      return { changed, folder: `${dev} ${ino}`, tookMs: performance.now() - began };
    } catch {
      return { changed: [], folder: null, tookMs: performance.now() - began };
    }
  }

  parentPort?.on('message', (order: ScanOrder) => {
    if (order.kind === 'pass') parentPort.postMessage(pass());
    else skipped.delete(order.name);
  });
}
