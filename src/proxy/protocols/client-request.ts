/** A client's request, ready to be sent on: none of the client's credentials are in it. */

export interface ClientRequest {
  readonly method: string;
  /** Path and query, byte for byte, without `key`. */
  readonly target: string;
  /**
   * Names and values alternating, as they came; without Host, Content-Length, credentials, cookies and hop-by-hop
   * headers.
   */
  readonly headers: readonly string[];
  /** Empty where the path names none. */
  readonly model: string;
  /** `generateContent`, …; empty where the path names none. */
  readonly call: string;
  /** Name of the key that its client showed; absent: none. */
  readonly client?: string | undefined;
  /** The protocol that the connection is to be handed over for. */
  readonly upgrade?: 'websocket';
  /** Whether it shows an ephemeral token, which was made with an account of the pool and can only be used with it. */
  readonly carriesToken?: boolean;
}
