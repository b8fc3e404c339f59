import type { Readable } from 'node:stream';

/** A request's body as it goes to one upstream after another. */
export interface SendableBody {
  /** null: chunked, or no body. */
  readonly contentLength: number | null;
  /** Whether it can be sent (again): everything that was received is still there. */
  readonly replayable: boolean;
  /** Why it can never become whole; null: it still can. */
  readonly failure: Error | null;
  /** Waits until it is whole, or too large to be kept. */
  gather(done: (error: Error | null) => void): void;
  /** What was received and is kept; null: nothing. */
  front(): Buffer | null;
  /** The body for one try, from its first byte; null where it is empty. To be called only while it is `replayable`. */
  open(): Buffer | Readable | null;
  /** No further try will be made. */
  abandon(): void;
  /** It will never be whole: callers that wait for it or read it are given the reason. */
  fail(error: Error): void;
}

const PIECE_BYTES = 65_536;

/** A body in the pieces in which it is sent. They share its memory. */
export function piecesOf(body: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += PIECE_BYTES) pieces.push(body.subarray(at, at + PIECE_BYTES));
  return pieces;
}
