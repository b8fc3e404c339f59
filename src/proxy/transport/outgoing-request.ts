import type { Envelope } from '../http/envelope.js';

/** One request as it goes over the wire. */
export interface OutgoingRequest {
  readonly method: string;
  readonly path: string;
  /** Names and values alternating; without Host and Content-Length. */
  readonly headers: readonly string[];
  /** The other protocol that the connection is to be handed over for (`websocket`). */
  readonly upgrade?: string;
  /** Put around the client's body. */
  readonly envelope?: Envelope;
}
