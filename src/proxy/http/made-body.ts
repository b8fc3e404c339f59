import type { SendableBody } from './sendable-body.js';

/** A body that was made by the proxy: it is whole from the start, and can be sent as often as necessary. */
export class MadeBody implements SendableBody {
  readonly replayable = true;
  readonly failure = null;
  private bytes: Buffer | null;

  /** @param bytes - null: none */
  constructor(bytes: Buffer | null) {
    this.bytes = bytes;
  }

  get contentLength(): number | null {
    return this.bytes?.length ?? null;
  }

  gather(done: (error: null) => void): void {
    done(null);
  }

  front(): Buffer | null {
    return this.bytes;
  }

  open(): Buffer | null {
    return this.bytes;
  }

  abandon(): void {
    this.bytes = null;
  }

  fail(): void {
    this.bytes = null;
  }
}
