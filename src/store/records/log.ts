import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import type { Writable } from 'node:stream';
import pino, { type Logger } from 'pino';
import type { Clock } from '../ground/clock.js';
import { accessLine, commonOf } from './access-log.js';
import type { AccessRecord } from './access-record.js';
import { AccessRing } from './access-ring.js';
import { Listeners } from '../ground/listeners.js';
import { LogFile, type OpenStream } from './log-file.js';
import { isRefusal, Refusals } from './refusals.js';
import { LogCopy } from './log-copy.js';
import { LineBatch } from './line-batch.js';
import { placedStack } from '../stacks/placed-stack.js';
import { messageOf } from '../ground/errors.js';
import { redact } from '../ground/redact.js';
import { ownText } from '../ground/text/own-text.js';
import { Ring } from '../ground/ring.js';
import { type LogRecord, logRecordOf } from './log-record.js';

export type { Logger } from 'pino';
export type { AccessRecord } from './access-record.js';

/** Records held for the screen. */
const HELD = 20_000;

/** The most bytes of all lines held: a log of another program may have long ones. */
const HELD_BYTES = 33_554_432;

/** Characters kept of a line that another program wrote. */
const LONGEST_FOREIGN_LINE = 16_384;
const HISTORY_BYTES = 256 * 1024;
const INFO = 30;
const DEBUG = 20;
const WARN = 40;
/** A fault that occurs again and again has a line at most this often. */
const SAME_FAULT_MS = 60_000;
/** Characters kept of a model's name, which the client makes up. */
const LONGEST_MODEL = 256;

export interface LogOptions {
  /** The folder of `regrant.log`. */
  readonly folder: string;
  readonly level: string;
  readonly clock: Clock;
  /** A stream that gets every line too, several at a time: standard output where there is no screen. */
  readonly copy?: Writable;
  /** Opens the stream that the file is written by. */
  readonly openStream?: OpenStream;
}

/**
 * The program's log: JSON lines into `regrant.log` (rotated by size, old files capped), and into a ring in memory that
 * the log pane reads. That the log cannot be written is said once and never stops anything; see `LogFile`.
 */
export class Log {
  readonly logger: Logger;
  /** null: a request's record, which is in `requests`. */
  private readonly ring = new Ring<LogRecord | UnreadLine | null>(HELD, 0, { most: HELD_BYTES, of: weightOf });
  private readonly requests = new AccessRing(HELD);
  private readonly file: LogFile;
  private readonly refusals: Refusals;
  private readonly copy: LogCopy | null;
  private readonly listeners = new Listeners();
  private lastFault = { text: '', at: 0 };
  /** Takes the lines instead of the file; null: the file does. */
  private instead: ((lines: string) => void) | null = null;
  private readonly unwritten = new LineBatch((lines) => this.write(lines));

  constructor(private readonly options: LogOptions) {
    for (const line of history(path.join(options.folder, 'regrant.log'))) this.ring.push(new UnreadLine(line));
    this.file = new LogFile({
      ...options,
      changed: () => this.listeners.tell(),
      lostLine: (lines, reason) => this.hold(this.line(`${lines} lines of the log are lost: ${reason}`)),
    });
    const leftOut = (lines: number): string => this.line(`${lines} lines are left out here: they were not read`);
    this.copy = options.copy === undefined ? null : new LogCopy(options.copy, leftOut);
    this.refusals = new Refusals(options.clock, (last) => this.request(levelOf(last, 'traffic'), last));
    this.logger = pino(
      {
        level: options.level,
        base: null,
        timestamp: () => `,"time":${options.clock.now()}`,
      },
      { write: (line: string) => this.take(line) },
    );
  }

  /** Why the file cannot be written; null while it can. */
  get trouble(): string | null {
    return this.file.trouble;
  }

  /** Lines since the start that are missing in the file. */
  get lost(): number {
    return this.file.lost;
  }

  get first(): number {
    return this.ring.first;
  }

  get next(): number {
    return this.ring.next;
  }

  /** A record by its number; it is parsed when somebody first looks at it, since most never are looked at. */
  at(seq: number): LogRecord | undefined {
    const held = this.ring.at(seq);
    if (held === null) return this.requests.at(seq);
    if (!(held instanceof UnreadLine)) return held;
    const record = logRecordOf(held.line, seq);
    this.ring.replace(seq, record);
    return record;
  }

  /** Logs a request that has ended: at info, at warn where it failed, or at debug for a monitor's probe. */
  access(record: AccessRecord, kind: 'traffic' | 'probe'): void {
    const level = levelOf(record, kind);
    if (this.logger.levelVal > level || (isRefusal(record) && !this.refusals.take(record))) return;
    this.request(level, record);
  }

  private request(level: number, record: AccessRecord): void {
    const time = this.options.clock.now();
    const kept = shortened(record);
    const common = commonOf(kept);
    this.requests.put(this.ring.push(null), { time, level, access: kept, alike: common.of });
    this.unwritten.add(accessLine(level, time, kept, common));
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
    const record = logRecordOf(ownText(line.slice(0, LONGEST_FOREIGN_LINE)), this.ring.next, source);
    // a line without a time of its own came now
    this.ring.push(record.time === 0 ? { ...record, time: this.options.clock.now() } : record);
    this.listeners.tell();
  }

  /** Logs a bug in something that goes on by itself, as one line. @param what - as the line names it */
  fault(what: string, error: unknown): void {
    const text = `A bug in ${what}: ${redact(messageOf(error))}`;
    const now = this.options.clock.monotonic();
    if (text === this.lastFault.text && now - this.lastFault.at < SAME_FAULT_MS) return;
    this.lastFault = { text, at: now };
    const stack = error instanceof Error ? placedStack(error.stack ?? '') : '';
    this.logger.error({ stack: redact(stack) }, text);
  }

  /** Resolves when everything that was logged is in the file. */
  async close(): Promise<void> {
    this.refusals.flush();
    this.unwritten.flush();
    await this.file.close();
  }

  /**
   * Gives every line to `take` from now on, and writes no file any more. Resolves when everything that was logged
   * before is in the file.
   */
  async divert(take: (lines: string) => void): Promise<void> {
    this.refusals.flush();
    this.unwritten.flush();
    this.instead = take;
    await this.file.close();
  }

  /** Writes at once what is still gathered. */
  flush(): void {
    this.unwritten.flush();
  }

  /** Undoes `divert`. @param lines - those that were given away, and which nobody wrote */
  writeAgain(lines: string): void {
    this.unwritten.flush();
    this.instead = null;
    this.file.openAgain();
    if (lines !== '') this.write(Buffer.from(lines));
  }

  /** Takes in lines of this log that another process of ours wrote. */
  relay(lines: string): void {
    for (const line of lines.split('\n')) if (line !== '') this.unwritten.add(this.hold(line));
    this.listeners.tell();
  }

  /** Lines of less than this level are not logged from now on. */
  logAt(level: string): void {
    this.logger.level = level;
  }

  /** Opens the file again, as needed after somebody renamed it. */
  reopen(): void {
    this.unwritten.flush();
    this.file.reopen();
  }

  private take(line: string): void {
    this.unwritten.add(this.hold(line.trimEnd()));
    this.listeners.tell();
  }

  private hold(line: string): string {
    this.ring.push(new UnreadLine(line));
    return line;
  }

  /** A warning that does not go through the logger: the file cannot be written just now, or its reader is too slow. */
  private line(msg: string): string {
    return JSON.stringify({ level: WARN, time: this.options.clock.now(), msg });
  }

  private write(lines: Buffer): void {
    if (this.instead !== null) {
      this.instead(lines.toString());
      return;
    }
    this.file.write(lines);
    this.copy?.write(lines.toString());
  }
}

/**
 * The level of a request's line. A failure for the client is a warning: an upstream's or our own 5xx, our own 429, an
 * error within a stream.
 */
function levelOf({ status, account, streamError }: AccessRecord, kind: 'traffic' | 'probe'): number {
  if (kind === 'probe') return DEBUG;
  const isOwnLimit = status === 429 && account === null;
  return status >= 500 || isOwnLimit || (streamError ?? null) !== null ? WARN : INFO;
}

/** The record with a model's name that is too long cut off: only a client that means to fill the memory sends one. */
function shortened(record: AccessRecord): AccessRecord {
  const { model } = record;
  if (model === null || model.length <= LONGEST_MODEL) return record;
  return { ...record, model: `${model.slice(0, LONGEST_MODEL)}…` };
}

/** About how many bytes a record keeps: its message is a text of its own beside the line. */
function weightOf(held: LogRecord | UnreadLine | null): number {
  if (held === null) return 0;
  return 2 * (held.line.length + (held instanceof UnreadLine ? 0 : held.msg.length));
}

/** A line that nobody has looked at yet: it is parsed only when somebody does. */
class UnreadLine {
  constructor(readonly line: string) {}
}

/** The last lines of the log file of the previous run. */
function history(file: string): string[] {
  try {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
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
