const OPENING = Buffer.from('{"error"');
/** How many bytes after the beginning of an error are searched for its code. */
const LOOKED_AT_BYTES = 256;
/** An error at the beginning of an event of a stream. */
const ERROR = /data:\s*\[?\s*\{\s*"error"\s*:\s*\{[^}]*?"code"\s*:\s*(\d{3})/;

/**
 * Searches a stream, after its beginning, for an event that is an error. The event goes to the client all the same, and
 * the access record gets its code.
 */
export class StreamError {
  /** The error's code; null: there was none so far. */
  code: number | null = null;
  private last = '';

  push(chunk: Buffer): void {
    if (this.code !== null) return;
    const at = chunk.indexOf(OPENING);
    if (at >= 0 || this.last !== '') {
      const text = this.last + chunk.toString('latin1', Math.max(0, at - 16), Math.max(at, 0) + LOOKED_AT_BYTES);
      const code = Number(ERROR.exec(text)?.[1] ?? 0);
      if (code >= 400 && code < 600) this.code = code;
    }
    this.last = at >= 0 ? chunk.toString('latin1', Math.max(0, at - 16)).slice(0, LOOKED_AT_BYTES) : '';
  }
}
