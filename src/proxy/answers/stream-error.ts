const OPENING = Buffer.from('{"error"');
/** So much behind the opening tells the code. */
const LOOKED_AT_BYTES = 256;
/** An error in a stream stands at the beginning of an event. */
const ERROR = /data:\s*\[?\s*\{\s*"error"\s*:\s*\{[^}]*?"code"\s*:\s*(\d{3})/;

/** Looks in a stream that has begun for an event that is an error; such a one passes, and the record has its code. */
export class StreamError {
  /** null: there was none so far. */
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
