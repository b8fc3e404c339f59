import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import pino, { type Logger } from 'pino';
import { createStream } from 'rotating-file-stream';
import * as v from 'valibot';
import type { Clock } from './clock.js';
import { reasonOf } from './errors.js';
import { Ring } from './ring.js';

export type { Logger } from 'pino';

/** One line of `logs/regrant.log`, parsed. Nothing secret is in it; e-mails are. */
export interface LogRecord {
  /** Number in the ring. */
  readonly seq: number;
  /** ms since 1970. */
  readonly time: number;
  /** pino's: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal. */
  readonly level: number;
  readonly msg: string;
  /** E-mail of the account it is about, else null. */
  readonly account: string | null;
  /** Present on an access-log line, one a request. */
  readonly access: AccessRecord | null;
  /** The JSON line as written. */
  readonly line: string;
  /** Which log file it came from; empty for our own. */
  readonly source: string;
}

/** One client request, as logged when it ended. */
export interface AccessRecord {
  readonly id: string;
  readonly method: string;
  /** Path and query, `key` redacted. */
  readonly path: string;
  readonly model: string | null;
  readonly stream: boolean;
  /** Status sent to the client; 0 where the client left before one was sent. */
  readonly status: number;
  /** E-mail of the account that gave the answer; null where none was asked. */
  readonly account: string | null;
  readonly ms: number;
  /** ms to the first byte of the upstream's answer. */
  readonly ttfbMs: number | null;
  readonly bytes: number;
  readonly tokens: number | null;
  /** Upstream answers asked for. */
  readonly tries: number;
  /** Why each earlier account was left, in order: `kim.ops: refresh failed`. */
  readonly left: readonly string[];
}

const AccessSchema = v.object({
  id: v.string(),
  method: v.string(),
  path: v.string(),
  model: v.nullable(v.string()),
  stream: v.boolean(),
  status: v.number(),
  account: v.nullable(v.string()),
  ms: v.number(),
  ttfbMs: v.nullable(v.number()),
  bytes: v.number(),
  tokens: v.nullable(v.number()),
  tries: v.number(),
  left: v.array(v.string()),
});

const LineSchema = v.object({
  time: v.optional(v.number(), 0),
  level: v.optional(v.number(), 30),
  msg: v.optional(v.string(), ''),
  account: v.fallback(v.nullish(v.string(), null), null),
  access: v.fallback(v.nullish(AccessSchema, null), null),
});

/** Records held for the screen. */
const HELD = 20_000;
/** Characters kept of a line that another program wrote. */
const LONGEST_FOREIGN_LINE = 16_384;
const HISTORY_BYTES = 256 * 1024;
const ROTATED_SIZE = '10M';
const ROTATED_FILES = 5;
/** A write for each line would cost more than the request that the line is about. */
const WRITE_AFTER_MS = 50;
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
  private readonly ring = new Ring<{ readonly line: string; readonly source: string; parsed: LogRecord | null }>(HELD);
  private readonly file: ReturnType<typeof createStream>;
  private readonly listeners = new Set<() => void>();
  private unwritten = '';
  /** Not on the clock that is handed in: this is about work to save, and no rule depends on when it is done. */
  private writing: NodeJS.Timeout | null = null;

  constructor(private readonly options: LogOptions) {
    for (const line of history(path.join(options.folder, 'regrant.log')))
      this.ring.push({ line, source: '', parsed: null });
    this.file = createStream('regrant.log', {
      path: options.folder,
      size: ROTATED_SIZE,
      maxFiles: ROTATED_FILES,
      mode: 0o600,
    });
    this.file.on('error', (error: unknown) => {
      this.trouble = reasonOf(error);
      this.tell();
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
    const slot = this.ring.at(seq);
    if (slot === undefined) return undefined;
    slot.parsed ??= recordOf(slot.line, seq, slot.source);
    return slot.parsed;
  }

  /** Logs a request that has ended: at info, or at debug where nobody but a monitor asked. */
  access(record: AccessRecord, kind: 'traffic' | 'probe'): void {
    const level = kind === 'probe' ? DEBUG : INFO;
    if (this.logger.levelVal > level) return;
    const msg = JSON.stringify(`${record.status} ${record.method} ${record.path}`);
    // As pino would write it, at a quarter of the cost.
    this.take(
      `{"level":${level},"time":${this.options.clock.now()},"access":${JSON.stringify(record)},"msg":${msg}}\n`,
    );
  }

  /** Calls `listener` after each new record. */
  onRecord(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Takes in a line of another program's log, for the screen only.
   *
   * @param source - what the screen calls that log
   */
  join(line: string, source: string): void {
    const slot = { line: line.slice(0, LONGEST_FOREIGN_LINE), source, parsed: null };
    const seq = this.ring.push(slot);
    // a line without a time of its own came now
    const record = recordOf(slot.line, seq, source);
    if (record.time === 0) this.ring.replace(seq, { ...slot, parsed: { ...record, time: this.options.clock.now() } });
    this.tell();
  }

  /** Resolves when all that was logged is in the file. */
  async close(): Promise<void> {
    this.write();
    if (this.file.destroyed) return;
    await new Promise<void>((resolve) => {
      this.file.once('close', resolve);
      this.file.once('error', () => resolve());
      this.file.end(() => resolve());
    });
  }

  private take(line: string): void {
    this.ring.push({ line: line.trimEnd(), source: '', parsed: null });
    this.unwritten += line;
    this.writing ??= setTimeout(() => this.write(), WRITE_AFTER_MS).unref();
    this.tell();
  }

  private write(): void {
    if (this.writing !== null) clearTimeout(this.writing);
    this.writing = null;
    if (this.unwritten === '') return;
    const lines = this.unwritten;
    this.unwritten = '';
    if (!this.file.destroyed && !this.file.writableEnded) this.file.write(lines);
    this.options.copy?.(lines);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
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

/** A line of a log of ours, or of anybody's: what is not JSON is all message. */
export function recordOf(line: string, seq: number, source = ''): LogRecord {
  const parsed = v.safeParse(LineSchema, jsonOf(line));
  if (!parsed.success) return { seq, time: 0, level: 30, msg: line, account: null, access: null, line, source };
  const { time, level, msg, account, access } = parsed.output;
  return { seq, time, level, msg, account: account ?? access?.account ?? null, access, line, source };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return null;
  }
}
