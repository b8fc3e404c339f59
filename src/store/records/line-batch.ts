import { faultIn } from '../ground/faults.js';

const BATCH_BYTES = 262_144;
/** How long lines are gathered: a write for each line would cost more than the request that the line is about. */
const WRITE_AFTER_MS = 50;
const LINE_FEED = 10;
/** The most bytes of UTF-8 that one unit of a JavaScript string can need. */
const BYTES_A_UNIT = 3;

/**
 * Gathers lines and hands them over some at a time. They are gathered as bytes: as strings they would live just long
 * enough for the garbage collector to copy them.
 */
export class LineBatch {
  private readonly bytes = Buffer.allocUnsafeSlow(BATCH_BYTES);
  private filled = 0;
  /** The write that is due. Not on the injected clock: it only saves work, and no rule depends on when it happens. */
  private writing: NodeJS.Timeout | null = null;

  /** @param write - gets whole lines, each with its line feed; the receiver may keep the buffer */
  constructor(private readonly write: (lines: Buffer) => void) {}

  /** @param line - without its line feed */
  add(line: string): void {
    const most = line.length * BYTES_A_UNIT + 1;
    if (most > BATCH_BYTES - this.filled) this.flush();
    if (most > BATCH_BYTES) {
      this.write(Buffer.from(`${line}\n`));
      return;
    }
    this.filled += this.bytes.write(line, this.filled);
    this.bytes[this.filled++] = LINE_FEED;
    this.writing ??= setTimeout(() => this.flushByItself(), WRITE_AFTER_MS).unref();
  }

  private flushByItself(): void {
    try {
      this.flush();
    } catch (error) {
      faultIn('the writing of lines', error);
    }
  }

  /** Hands over what has been gathered. */
  flush(): void {
    if (this.writing !== null) clearTimeout(this.writing);
    this.writing = null;
    if (this.filled === 0) return;
    const lines = Buffer.from(this.bytes.subarray(0, this.filled));
    this.filled = 0;
    this.write(lines);
  }
}
