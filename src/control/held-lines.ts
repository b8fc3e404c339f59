/** Waits for room while it holds more than this, bytes. */
const ROOM_BYTES = 262_144;

/** The lines of a client that wait to be worked on: read ahead, so that its end is noticed while it waits. */
export class HeldLines {
  private readonly lines: string[] = [];
  private bytes = 0;
  private hasEnded = false;
  private wake: () => void = () => undefined;
  private makeRoom: () => void = () => undefined;

  push(line: string): void {
    this.lines.push(line);
    this.bytes += line.length;
    this.wake();
  }

  /** No more come. */
  end(): void {
    this.hasEnded = true;
    this.wake();
  }

  /** Resolves when more may come. */
  async room(): Promise<void> {
    while (this.bytes > ROOM_BYTES) await new Promise<void>((resolve) => (this.makeRoom = resolve));
  }

  /** Each of them, to its end; for one reader. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      // all at once: taking the first of a long list again and again costs its whole length each time
      for (const line of this.lines.splice(0)) {
        yield line;
        this.bytes -= line.length;
        this.makeRoom();
      }
      if (this.lines.length > 0) continue;
      if (this.hasEnded) return;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
