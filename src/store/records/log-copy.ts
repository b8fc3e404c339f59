import type { Writable } from 'node:stream';

/** How many bytes may wait for the reader; what comes beyond that is left out. */
const MOST_WAITING_BYTES = 1024 * 1024;

/**
 * A copy of the log's lines for a reader that may be slow or stop reading: while too much waits for it, lines are left
 * out and counted; then one line says how many.
 */
export class LogCopy {
  private leftOut = 0;

  constructor(
    private readonly output: Writable,
    private readonly leftOutLine: (lines: number) => string,
  ) {}

  /** @param lines - whole, each with its end */
  write(lines: string): void {
    if (this.output.destroyed) return;
    if (this.output.writableLength > (this.leftOut === 0 ? MOST_WAITING_BYTES : 0)) {
      if (this.leftOut === 0) this.output.once('drain', () => this.goOn());
      this.leftOut += lines.split('\n').length - 1;
      return;
    }
    this.goOn();
    this.output.write(lines);
  }

  private goOn(): void {
    const { leftOut } = this;
    if (leftOut === 0) return;
    this.leftOut = 0;
    this.output.write(`${this.leftOutLine(leftOut)}\n`);
  }
}
