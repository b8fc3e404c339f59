/** A part of the log from its files, with older lines than memory holds. */
import { logRecordOf, type LogPart } from '../../../proxy/contract/log-part.js';
import type { Feed, LogRecord } from '../../../proxy/contract/supervisor.js';

export class LogArchive implements Feed<LogRecord> {
  readonly first = 0;
  /** Each is made when somebody looks at it, since most never are looked at. */
  private readonly records: (LogRecord | undefined)[] = [];

  constructor(private readonly part: LogPart) {}

  /** Whether the files have older lines. */
  get older(): boolean {
    return this.part.older;
  }
  get newer(): boolean {
    return this.part.newer;
  }
  get next(): number {
    return this.part.lines.length;
  }

  at(seq: number): LogRecord | undefined {
    const line = this.part.lines[seq];
    return line === undefined ? undefined : (this.records[seq] ??= logRecordOf(line, seq));
  }

  /** Number of the first record of this time (ms since 1970) or later; of the last record where all are earlier. */
  seqFrom(time: number): number {
    let low = 0;
    let high = this.next;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.at(middle)?.time ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, Math.min(low, this.next - 1));
  }
}
