import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { createStream } from 'rotating-file-stream';
import type { Clock } from '../ground/clock.js';
import { reasonOf } from '../ground/errors.js';
import { byItself } from '../ground/faults.js';

const NAME = 'regrant.log';
const ROTATED_SIZE = '10M';
const ROTATED_FILES = 5;
/** How many bytes may wait for the disk; what comes beyond that is lost. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** How often to look whether the file is still there: somebody may have renamed or deleted it. */
const LOOK_EVERY_MS = 20_000;
const LINE_FEED = 10;

/** Opens a stream that writes into the log's file, and emits `open` each time it has opened a file. */
export type OpenStream = (folder: string) => Writable;

/** Rotated by size, old files capped. */
const rotating: OpenStream = (folder) =>
  createStream(NAME, { path: folder, size: ROTATED_SIZE, maxFiles: ROTATED_FILES, mode: 0o600 });

export interface LogFileOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Called when the file cannot be written any more, or can be again. */
  readonly changed: () => void;
  /** Makes the line that says how many lines were lost before it, without its end. */
  readonly lostLine: (lines: number, reason: string) => string;
  readonly openStream?: OpenStream;
}

/**
 * `regrant.log`, which never blocks the program. A disk that is full, gone or too slow costs lines, which are counted;
 * the file is opened again, after 1 s doubling to 60 s, until it can be written, and then says how many lines are
 * missing.
 */
export class LogFile {
  /** Why it cannot be written; null while it can. */
  trouble: string | null = null;
  /** Lines since the start that are missing in the file. */
  lost = 0;
  private lostUntold = 0;
  private stream: Writable;
  private isBroken = false;
  private isClosed = false;
  /** Device and inode of the file that is written. */
  private identity: string | null = null;
  private retryMs = FIRST_RETRY_MS;
  private cancelRetry: () => void = () => undefined;
  private cancelLook: () => void = () => undefined;

  constructor(private readonly options: LogFileOptions) {
    this.stream = this.open();
    this.lookLater();
  }

  /** @param lines - whole, each with its end */
  write(lines: Buffer): void {
    if (this.isClosed) return;
    if (this.isBroken || this.stream.writableLength > MOST_WAITING_BYTES) {
      this.lose(lines);
      return;
    }
    const { stream } = this;
    stream.write(lines, (error) => {
      if (error != null) this.lose(lines);
      else if (stream === this.stream) this.wrote();
    });
  }

  /** Opens the file again, as needed after somebody renamed it. */
  reopen(): void {
    if (this.isClosed) return;
    this.cancelRetry();
    const { stream } = this;
    this.stream = this.open();
    if (!stream.destroyed) stream.end();
  }

  /** Resolves when everything is written to the file, or cannot be. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.cancelRetry();
    this.cancelLook();
    const { stream } = this;
    if (stream.destroyed) return;
    await new Promise<void>((resolve) => {
      stream.once('close', resolve);
      stream.once('error', () => resolve());
      stream.end(() => resolve());
    });
  }

  /** Undoes `close`. */
  openAgain(): void {
    if (!this.isClosed) return;
    this.isClosed = false;
    this.stream = this.open();
    this.lookLater();
  }

  private open(): Writable {
    const stream = (this.options.openStream ?? rotating)(this.options.folder);
    stream.on('open', () => this.opened(stream));
    stream.on('error', (error: unknown) => {
      if (stream === this.stream) this.broke(reasonOf(error));
    });
    return stream;
  }

  private opened(stream: Writable): void {
    if (stream !== this.stream || stream.destroyed || this.isClosed) return;
    byItself('the look at the log’s file', this.identify(stream));
    if (!this.isBroken) return;
    this.isBroken = false;
    // a full disk may have written only a part of a line: the new line begins after a line feed
    stream.write(`\n${this.options.lostLine(this.lostUntold, this.trouble ?? '')}\n`, (error) => {
      if (error == null && stream === this.stream) this.wrote();
    });
  }

  private async identify(stream: Writable): Promise<void> {
    const identity = await this.identityNow();
    if (stream === this.stream) this.identity = identity;
  }

  private wrote(): void {
    this.retryMs = FIRST_RETRY_MS;
    if (this.trouble === null || this.isBroken) return;
    this.trouble = null;
    this.lostUntold = 0;
    this.options.changed();
  }

  private broke(reason: string): void {
    const isNew = this.trouble !== reason;
    this.trouble = reason;
    this.isBroken = true;
    if (isNew) this.options.changed();
    if (this.isClosed) return;
    this.cancelRetry = this.options.clock.after(this.retryMs, () => this.reopen());
    this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
  }

  private lose(lines: Buffer): void {
    let count = 0;
    for (let at = lines.indexOf(LINE_FEED); at >= 0; at = lines.indexOf(LINE_FEED, at + 1)) count++;
    this.lost += count;
    this.lostUntold += count;
  }

  private lookLater(): void {
    this.cancelLook = this.options.clock.after(LOOK_EVERY_MS, () =>
      byItself('the look at the log’s file', this.look()),
    );
  }

  private async look(): Promise<void> {
    const now = await this.identityNow();
    if (this.isClosed) return;
    this.lookLater();
    if (!this.isBroken && this.identity !== null && now !== this.identity) this.reopen();
  }

  /** What identifies the file that has the log's name now; null: there is none. */
  private async identityNow(): Promise<string | null> {
    try {
      const { dev, ino } = await stat(path.join(this.options.folder, NAME));
      return `${dev} ${ino}`;
    } catch {
      return null;
    }
  }
}
