import type { Readable } from 'node:stream';

/** A request's body as it goes to one upstream after another. */
export interface SendableBody {
  /** null: chunked, or no body. */
  readonly contentLength: number | null;
  /** It can be sent (once more): all that came of it is still there. */
  readonly replayable: boolean;
  /** Why it can never become whole. */
  readonly failure: Error | null;
  /** Waits until it is whole, or too large to be kept. */
  gather(done: (error: Error | null) => void): void;
  /** What has come of it and is kept; null: nothing. */
  front(): Buffer | null;
  /** The body for one try, from its first byte; null where it is empty. Ask only while it is `replayable`. */
  open(): Buffer | Readable | null;
  /** No further try will be made. */
  abandon(): void;
  /** It will never be whole: whoever waits for it or reads it learns why. */
  fail(error: Error): void;
}
