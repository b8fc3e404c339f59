/** A client's request, ready to be sent on: nothing of the client's credentials is in it. */

export interface ClientRequest {
  readonly method: string;
  /** Path and query, byte for byte, without `key`. */
  readonly target: string;
  /** Names and values in turn, as they came; without Host, Content-Length, credentials, cookies and hop-by-hop headers. */
  readonly headers: readonly string[];
  /** Empty where the path names none. */
  readonly model: string;
  /** `generateContent`, …; empty where the path names none. */
  readonly call: string;
  /** Name of the key that its client showed; absent: none. */
  readonly client?: string | undefined;
  /** The connection is to be handed over for this protocol. */
  readonly upgrade?: 'websocket';
  /** It shows a token of its own, made by an account of the pool, which stands for that account. */
  readonly carriesToken?: boolean;
}
