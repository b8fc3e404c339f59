import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import pino, { type Logger } from 'pino';
import { createStream } from 'rotating-file-stream';
import type { Clock } from '../ground/clock.js';
import { accessLine } from './access-log.js';
import type { AccessRecord } from './access-record.js';
import { AccessRing } from './access-ring.js';
import { reasonOf } from '../ground/errors.js';
import { Listeners } from '../ground/listeners.js';
import { LineBatch } from './line-batch.js';
import { Ring } from '../ground/ring.js';
import { type LogRecord, logRecordOf } from './log-record.js';

export type { Logger } from 'pino';
export type { AccessRecord } from './access-record.js';

/** Records held for the screen. */
const HELD = 20_000;

/** Characters kept of a line that another program wrote. */
const LONGEST_FOREIGN_LINE = 16_384;
const HISTORY_BYTES = 256 * 1024;
const ROTATED_SIZE = '10M';
const ROTATED_FILES = 5;
const INFO = 30;
const DEBUG = 20;

export interface LogOptions {
  /** The folder of `regrant.log`. */
  readonly folder: string;
  readonly level: string;
  readonly clock: Clock;
  /** Gets every line too, some at a time: standard output where there is no screen. */
  readonly copy?: (lines: string) => void;
}

/**
 * The program's log: JSON lines into `regrant.log` (rotated by size, old files capped), and into a ring that the log pane
 * reads. A log that cannot be written is said once and never stops anything.
 */
export class Log {
  readonly logger: Logger;
  /** Why the file cannot be written; null while it can. */
  trouble: string | null = null;
  /** null: a request, which `requests` has. */
  private readonly ring = new Ring<LogRecord | UnreadLine | null>(HELD);
  private readonly requests = new AccessRing(HELD);
  private readonly file: ReturnType<typeof createStream>;
  private readonly listeners = new Listeners();
  private readonly unwritten = new LineBatch((lines) => this.write(lines));

  constructor(private readonly options: LogOptions) {
    for (const line of history(path.join(options.folder, 'regrant.log'))) this.ring.push(new UnreadLine(line));
    this.file = createStream('regrant.log', {
      path: options.folder,
      size: ROTATED_SIZE,
      maxFiles: ROTATED_FILES,
      mode: 0o600,
    });
    this.file.on('error', (error: unknown) => {
      this.trouble = reasonOf(error);
      this.listeners.tell();
    });
    this.logger = pino(
      {
        level: options.level,
        base: null,
        timestamp: () => `,"time":${options.clock.now()}`,
      },
      { write: (line: string) => this.take(line) },
    );
  }

  get first(): number {
    return this.ring.first;
  }

  get next(): number {
    return this.ring.next;
  }

  /** A record by its number; parsed when it is first looked at, since most never are. */
  at(seq: number): LogRecord | undefined {
    const held = this.ring.at(seq);
    if (held === null) return this.requests.at(seq);
    if (!(held instanceof UnreadLine)) return held;
    const record = logRecordOf(held.line, seq);
    this.ring.replace(seq, record);
    return record;
  }

  /** Logs a request that has ended: at info, or at debug where nobody but a monitor asked. */
  access(record: AccessRecord, kind: 'traffic' | 'probe'): void {
    const level = kind === 'probe' ? DEBUG : INFO;
    if (this.logger.levelVal > level) return;
    const time = this.options.clock.now();
    this.requests.put(this.ring.push(null), time, level, record);
    this.unwritten.add(accessLine(level, time, record));
    this.listeners.tell();
  }

  /** Calls `listener` after each new record. */
  onRecord(listener: () => void): () => void {
    return this.listeners.add(listener);
  }

  /**
   * Takes in a line of another program's log, for the screen only.
   *
   * @param source - what the screen calls that log
   */
  join(line: string, source: string): void {
    const record = logRecordOf(line.slice(0, LONGEST_FOREIGN_LINE), this.ring.next, source);
    // a line without a time of its own came now
    this.ring.push(record.time === 0 ? { ...record, time: this.options.clock.now() } : record);
    this.listeners.tell();
  }

  /** Resolves when all that was logged is in the file. */
  async close(): Promise<void> {
    this.unwritten.flush();
    if (this.file.destroyed) return;
    await new Promise<void>((resolve) => {
      this.file.once('close', resolve);
      this.file.once('error', () => resolve());
      this.file.end(() => resolve());
    });
  }

  private take(line: string): void {
    const bare = line.trimEnd();
    this.ring.push(new UnreadLine(bare));
    this.unwritten.add(bare);
    this.listeners.tell();
  }

  private write(lines: Buffer): void {
    if (!this.file.destroyed && !this.file.writableEnded) this.file.write(lines);
    this.options.copy?.(lines.toString());
  }
}

/** A line that nobody has looked at yet: most never are, and are not parsed. */
class UnreadLine {
  constructor(readonly line: string) {}
}

/** The last lines of the previous run. */
function history(file: string): string[] {
  try {
    const fd = openSync(file, 'r');
    try {
      const { size } = fstatSync(fd);
      const start = Math.max(0, size - HISTORY_BYTES);
      const bytes = Buffer.alloc(size - start);
      readSync(fd, bytes, 0, bytes.length, start);
      const lines = bytes.toString('utf8').split('\n').filter(Boolean);
      return start === 0 ? lines : lines.slice(1);
    } finally {
      closeSync(fd);
    }
  } catch {
    return [];
  }
}
