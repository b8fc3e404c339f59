/** The usage stands behind the candidates, so in the last bytes of an answer or of its last event. */
const TAIL_BYTES = 4_096;
const NAME = '"totalTokenCount"';

/** Reads the number of tokens that a Gemini answer says it used, from its last bytes: nothing is parsed or copied on the way. */
export class UsageTail {
  private chunks: Buffer[] = [];
  private bytes = 0;

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    for (let first = this.chunks[0]; first !== undefined; first = this.chunks[0]) {
      if (this.bytes - first.length < TAIL_BYTES) return;
      this.chunks.shift();
      this.bytes -= first.length;
    }
  }

  /** `usageMetadata.totalTokenCount`; null where the last bytes have none. */
  total(): number | null {
    const tail = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    const at = tail?.lastIndexOf(NAME, undefined, 'latin1') ?? -1;
    if (tail === undefined || at < 0) return null;
    const digits = /^\s*:\s*(\d{1,15})\b/.exec(tail.toString('latin1', at + NAME.length, at + NAME.length + 40))?.[1];
    return digits === undefined ? null : Number(digits);
  }
}
