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
}
