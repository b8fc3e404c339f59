const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Cuts bytes that come in pieces into lines, in time that grows only with the bytes. Of a line that is longer than
 * allowed, the beginning is handed on at once and the rest, however long, is dropped.
 */
export class LineSplitter {
  private readonly held: Uint8Array[] = [];
  private heldBytes = 0;
  /** The beginning of the current line was handed on already; the rest is dropped. */
  private isCut = false;

  /** @param line - gets each line, read as UTF-8, without its end */
  constructor(
    private readonly longestBytes: number,
    private readonly line: (text: string) => void,
  ) {}

  /** Takes the next bytes. They are kept until their line is whole: the caller must not change them. */
  push(bytes: Uint8Array): void {
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      this.hold(bytes.subarray(start, end));
      this.end();
      start = end + 1;
    }
    this.hold(bytes.subarray(start));
  }

  /** What comes next begins in the middle of a line: that part is left out. */
  skipLine(): void {
    this.held.length = 0;
    this.heldBytes = 0;
    this.isCut = true;
  }

  /** Hands on the last line though it has no end: no more bytes will come. */
  finish(): void {
    if (this.heldBytes > 0) this.end();
    this.isCut = false;
  }

  private hold(bytes: Uint8Array): void {
    if (this.isCut || bytes.length === 0) return;
    const room = this.longestBytes - this.heldBytes;
    this.held.push(bytes.subarray(0, room));
    this.heldBytes += Math.min(bytes.length, room);
    if (bytes.length <= room) return;
    this.hand();
    this.isCut = true;
  }

  private end(): void {
    if (this.isCut) this.isCut = false;
    else this.hand();
  }

  private hand(): void {
    const whole = this.held.length === 1 ? Buffer.from(this.held[0] ?? []) : Buffer.concat(this.held);
    this.held.length = 0;
    this.heldBytes = 0;
    const end = whole.at(-1) === CARRIAGE_RETURN ? whole.length - 1 : whole.length;
    this.line(whole.toString('utf8', 0, end));
  }
}
