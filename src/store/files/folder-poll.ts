import { Worker } from 'node:worker_threads';
import type { Clock } from '../ground/clock.js';
import {
  FIRST_READING_BACK_MS,
  LOCAL_FILE_SYSTEMS,
  LONGEST_NAME_BYTES,
  NEWS_EVERY_MS,
  READ_SINCE_BACK_MS,
  scanFolder,
  TIME_STAMP_MS,
  type PassOrder,
  type ScanBounds,
  type ScanNews,
  type ScanResult,
  type ScanStart,
} from './folder-scan.js';
import { isLocalFolder, MOST_LOOKED_AT_HERE, scannerHere, type Scanner } from './scan-here.js';

/** A file that has not said its size and times for so long hangs: the others are looked at by another thread. */
const HANGS_AFTER_MS = 1_000;
/** Each of them has a thread of its own that waits. */
const MOST_HANGING = 8;

/** What runs in a thread before it begins; a test makes the file system slow there. */
export type Before = string;

const BOUNDS: ScanBounds = {
  timeStampMs: TIME_STAMP_MS,
  firstBackMs: FIRST_READING_BACK_MS,
  readSinceBackMs: READ_SINCE_BACK_MS,
  newsEveryMs: NEWS_EVERY_MS,
  local: LOCAL_FILE_SYSTEMS,
};

const WHOLE: PassOrder = { kind: 'pass', extent: 'whole', probe: null, told: [] };

/** What is told where no thread could look. */
const UNSEEN: ScanResult = {
  ...{ changed: [], differs: [], folder: null, isAllHere: false, isTouched: false },
  ...{ isWhole: true, isListed: true, tookMs: 0 },
};

/** As text, so that nothing of the program is read from the disk when a thread begins later. */
const SOURCE = `
  const __name = (named) => named;
  (${scanFolder.toString()})(require('node:fs'), require('node:worker_threads'), ${JSON.stringify(BOUNDS)});
`;

/** A moment by the clocks of the system, since file systems stamp by its wall clock: ms since 1970, and monotonic. */
export interface ReadAt {
  readonly wall: number;
  readonly monotonic: number;
}

export const readingNow = (): ReadAt => ({ wall: Date.now(), monotonic: performance.now() });

/** The same moment as the wall clock counts now, or as it counted then, if it was set since: the earlier one. */
export const sinceNow = ({ wall, monotonic }: ReadAt): number =>
  Math.min(wall, Date.now() - (performance.now() - monotonic));

interface Scan {
  readonly scanner: Scanner;
  /** Whether it looks in this thread. */
  readonly isHere: boolean;
  readonly place: SharedArrayBuffer;
  /** The file that it hangs at; null: it goes on. */
  hangsAt: string | null;
}

/**
 * Passes over the folder of the account files, each when it is asked for: a small folder of this machine's is looked at
 * here, any other in a thread of its own. Where one file hangs there, the others are looked at all the same, and that one
 * again once the system has answered.
 */
export class FolderPoll {
  private scan: Scan | null = null;
  private readonly hanging = new Set<Scan>();
  private cancelLook: () => void = () => undefined;
  private isStopped = false;
  /** Something in the folder is not of this machine, or it is gone: from then on a thread looks. */
  private isApart = false;

  /**
   * @param read - the files that were read so far, and since when
   * @param found - told of each pass that has ended
   * @param news - told of files that a long pass found changed, while it goes on
   */
  constructor(
    private readonly folder: string,
    private readonly clock: Clock,
    private readonly read: () => Pick<ScanStart, 'known' | 'readSince'>,
    private readonly found: (result: ScanResult) => void,
    private readonly news: (names: readonly string[]) => void,
    private readonly before: Before = '',
  ) {}

  /** Begins a pass; one that is under way still is not disturbed. */
  begin(order: PassOrder = WHOLE): void {
    if (this.isStopped) return;
    try {
      this.scan ??= this.start();
    } catch {
      // no thread to be had: the next pass tries again, and until then the folder is read without one
      this.found(UNSEEN);
      return;
    }
    this.scan.scanner.tell(order);
    if (!this.scan.isHere) this.lookLater(this.scan, null);
  }

  stop(): void {
    this.isStopped = true;
    this.cancelLook();
    for (const { scanner } of [...this.hanging, ...(this.scan === null ? [] : [this.scan])]) scanner.end();
  }

  private start(): Scan {
    const place = new SharedArrayBuffer(4 + LONGEST_NAME_BYTES);
    const skip = [...this.hanging].flatMap(({ hangsAt }) => (hangsAt === null ? [] : [hangsAt]));
    const start: ScanStart = { folder: this.folder, ...this.read(), skip, place };
    const said = (told: ScanResult | ScanNews): void => {
      if (!('news' in told)) this.ended(scan, told);
      else if (!this.isStopped) this.news(told.news);
    };
    const isHere = this.before === '' && !this.isApart && mayBeHere(start);
    // one that could not begin or fell over is made anew with the next pass
    const scanner = isHere
      ? scannerHere(start, BOUNDS, said)
      : scannerInThread(`${this.before}\n${SOURCE}`, start, { said, failed: () => this.failed(scan) });
    const scan: Scan = { scanner, isHere, place, hangsAt: null };
    return scan;
  }

  private ended(scan: Scan, result: ScanResult): void {
    if (this.isStopped) return;
    if (scan.isHere) this.outgrown(scan, result);
    else if (scan === this.scan) this.cancelLook();
    else if (this.hanging.delete(scan)) {
      scan.scanner.end();
      if (scan.hangsAt !== null) this.scan?.scanner.tell({ kind: 'unskip', name: scan.hangsAt });
      // what it saw before it hung was seen by the other one too
      return;
    }
    this.found(result);
  }

  /** A folder that is no more what may be looked at here is left to a thread, from the next pass on. */
  private outgrown(scan: Scan, { isAllHere }: ScanResult): void {
    this.isApart = !isAllHere;
    if (!this.isApart && this.read().known.length <= MOST_LOOKED_AT_HERE) return;
    scan.scanner.end();
    this.scan = null;
  }

  private failed(scan: Scan): void {
    this.hanging.delete(scan);
    if (scan !== this.scan || this.isStopped) return;
    this.scan = null;
    this.cancelLook();
    this.found(UNSEEN);
  }

  /** @param before - the file that it looked at the time before */
  private lookLater(scan: Scan, before: string | null): void {
    this.cancelLook();
    this.cancelLook = this.clock.after(HANGS_AFTER_MS, () => {
      const now = nameIn(scan.place);
      if (now === null || now !== before || this.hanging.size >= MOST_HANGING) this.lookLater(scan, now);
      else this.leave(scan, now);
    });
  }

  /** Goes on without this file, in another thread. */
  private leave(scan: Scan, name: string): void {
    scan.hangsAt = name;
    this.hanging.add(scan);
    this.scan = null;
    this.begin();
  }
}

/** null: it looks at none. */
function nameIn(place: SharedArrayBuffer): string | null {
  const length = Atomics.load(new Int32Array(place, 0, 1), 0);
  // a decoder takes no memory that is shared
  return length === 0 ? null : new TextDecoder().decode(new Uint8Array(place, 4).slice(0, length));
}

const mayBeHere = ({ folder, known, skip }: ScanStart): boolean =>
  skip.length === 0 && known.length <= MOST_LOOKED_AT_HERE && isLocalFolder(folder);

/** @param failed - told where it could not begin or fell over */
function scannerInThread(
  source: string,
  workerData: ScanStart,
  { said, failed }: { readonly said: (news: ScanResult | ScanNews) => void; readonly failed: () => void },
): Scanner {
  // of nobody's environment and standard streams it has need
  const worker = new Worker(source, { eval: true, workerData, execArgv: [], env: {}, stdin: false });
  worker.unref();
  worker.on('message', said);
  worker.on('error', failed);
  return {
    tell: (order) => worker.postMessage(order),
    // one in the middle of a call of the system ends once that has
    end: () => void worker.terminate().catch(() => undefined),
  };
}
