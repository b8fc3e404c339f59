import { close, closeSync, constants, fstat, fstatSync, open, openSync, read, readSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Clock } from '../ground/clock.js';
import { reasonOf } from '../ground/errors.js';
import { LineSplitter } from '../ground/text/line-splitter.js';
import { GrowthWatch } from './growth-watch.js';

/** How often a file is looked at for what no event tells: that it was replaced, cut or removed. */
const LOOK_EVERY_MS = 500;
/** How soon the name is looked at after the file was renamed: most programs open the new file at once. */
const SOON_MS = 20;
/** How much of an existing file's end is shown at first. */
const HISTORY_BYTES = 32 * 1024;
/** How much is read in one call. */
const CHUNK_BYTES = 64 * 1024;
/** If more than this comes at once, only so much of its end is read. */
const MOST_BEHIND_BYTES = 4 * 1024 * 1024;
/** A longer line is cut. */
const LONGEST_LINE_BYTES = 64 * 1024;
/** Opened without blocking: opening a pipe would otherwise wait until somebody writes into it. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

const [openAt, closeAt, statAt, readAt] = [promisify(open), promisify(close), promisify(fstat), promisify(read)];

export interface FollowedFile {
  /** Called with each whole line, without its end; one that has no end or is too long, as far as it is taken. */
  line(text: string): void;
  /**
   * Called with the reason when nothing can be read any more, once each time that begins; null: it can be read again.
   */
  trouble(reason: string | null): void;
  /** Called when so many bytes came at once that these were left out. */
  skipped(bytes: number): void;
}

/** The open file, which stays readable after it is renamed or deleted. */
interface Opened {
  readonly watch: GrowthWatch;
  readonly fd: number;
  readonly inode: number;
  /** Bytes read so far. */
  position: number;
  splitter: LineSplitter;
}

class NoRegularFile extends Error {
  constructor() {
    super('no regular file');
  }
}

/**
 * Follows a log file of another program through rotation, truncation and absence. The file is held open and read from
 * the last position: when another file has its name, the rest of the old one is read, and the new one from its first
 * byte. Everything that is read is bounded in size, and except for the first look nothing blocks on the file system.
 */
export class LogFollower {
  private opened: Opened | null = null;
  private trouble: string | null = null;
  private isClosed = false;
  private cancelLook: () => void = () => undefined;
  /** The steps run one at a time, each after the one before. */
  private work: Promise<void> = Promise.resolve();
  private hasGrown = false;

  constructor(
    readonly file: string,
    private readonly clock: Clock,
    private readonly told: FollowedFile,
  ) {
    try {
      this.begin();
    } catch (error) {
      this.tell(reasonOf(error));
    }
    this.lookIn(LOOK_EVERY_MS);
  }

  close(): void {
    this.isClosed = true;
    this.cancelLook();
    this.opened?.watch.unwatch();
    this.then(() => this.drop());
  }

  /** Shows the end of the file that exists already, at once. */
  private begin(): void {
    const fd = openSync(this.file, READ);
    try {
      const { size } = this.regular(fstatSync(fd));
      const from = Math.max(0, size - HISTORY_BYTES);
      const opened = this.hold(fd, fstatSync(fd), from);
      if (from > 0) opened.splitter.skipLine();
      const bytes = Buffer.alloc(size - from);
      const length = readSync(fd, bytes, 0, bytes.length, from);
      opened.position += length;
      opened.splitter.push(bytes.subarray(0, length));
    } catch (error) {
      if (this.opened === null) closeSync(fd);
      throw error;
    }
  }

  private then(step: () => Promise<void>): void {
    this.work = this.work.then(step).catch(() => undefined);
  }

  private lookIn(ms: number): void {
    this.cancelLook();
    if (this.isClosed) return;
    this.cancelLook = this.clock.after(ms, () => this.then(() => this.look()));
  }

  private async look(): Promise<void> {
    try {
      await this.compare(this.regular(await stat(this.file)));
      this.tell(null);
    } catch (error) {
      await this.finish();
      this.tell(reasonOf(error));
    } finally {
      this.lookIn(LOOK_EVERY_MS);
    }
  }

  private async compare(found: Stats): Promise<void> {
    if (this.opened !== null && this.opened.inode !== found.ino) await this.finish();
    if (this.opened !== null && found.size < this.opened.position) {
      this.opened.position = 0;
      this.opened.splitter = this.splitter();
    }
    if (this.opened === null) await this.start();
    else await this.readOn(this.opened);
  }

  private async start(): Promise<void> {
    const fd = await openAt(this.file, READ);
    try {
      await this.readOn(this.hold(fd, this.regular(await statAt(fd)), 0));
    } catch (error) {
      if (this.opened === null) await closeAt(fd);
      throw error;
    }
  }

  private hold(fd: number, { ino }: Stats, position: number): Opened {
    const watch = new GrowthWatch(this.file, LOOK_EVERY_MS);
    watch.on('grown', () => this.grown());
    // renamed or deleted: the file that takes its name may itself be renamed before the next regular look
    watch.on('error', () => this.lookIn(SOON_MS));
    return (this.opened = { watch, fd, inode: ino, position, splitter: this.splitter() });
  }

  private grown(): void {
    if (this.hasGrown || this.isClosed) return;
    this.hasGrown = true;
    this.then(async () => {
      this.hasGrown = false;
      if (this.opened !== null) await this.readOn(this.opened);
    });
  }

  /** Reads what has been appended. */
  private async readOn(opened: Opened): Promise<void> {
    const { size } = await statAt(opened.fd);
    const behind = size - opened.position - MOST_BEHIND_BYTES;
    if (behind > 0) {
      opened.position += behind;
      opened.splitter.skipLine();
      this.told.skipped(behind);
    }
    while (opened.position < size && !this.isClosed) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const { bytesRead } = await readAt(opened.fd, chunk, 0, chunk.length, opened.position);
      if (bytesRead === 0) return;
      opened.position += bytesRead;
      opened.splitter.push(chunk.subarray(0, bytesRead));
    }
  }

  /** Reads the rest of a file that lost its name. */
  private async finish(): Promise<void> {
    if (this.opened === null) return;
    const { opened } = this;
    await this.readOn(opened).catch(() => undefined);
    opened.splitter.finish();
    await this.drop();
  }

  private async drop(): Promise<void> {
    if (this.opened === null) return;
    const { watch, fd } = this.opened;
    this.opened = null;
    watch.unwatch();
    await closeAt(fd);
  }

  private splitter(): LineSplitter {
    return new LineSplitter(LONGEST_LINE_BYTES, (text) => {
      if (text !== '' && !this.isClosed) this.told.line(text);
    });
  }

  private regular(found: Stats): Stats {
    if (!found.isFile()) throw new NoRegularFile();
    return found;
  }

  private tell(reason: string | null): void {
    if (reason === this.trouble) return;
    this.trouble = reason;
    this.told.trouble(reason);
  }
}
