import http, { type IncomingMessage } from 'node:http';

/** The response to a client: every answer is sent by it, whichever code made it. */
export class ClientResponse<Request extends IncomingMessage = IncomingMessage> extends http.ServerResponse<Request> {
  /** Headers that are sent with any answer; names and values alternating. */
  added: readonly string[] = [];

  /** Like Node's `writeHead`, for headers as a flat list. */
  override writeHead(status: number, ...rest: unknown[]): this {
    const headers = rest.at(-1);
    const all = Array.isArray(headers) && this.added.length > 0 ? [...(headers as string[]), ...this.added] : headers;
    const reason = rest.length > 1 ? String(rest[0]) : undefined;
    return reason === undefined
      ? super.writeHead(status, all as string[])
      : super.writeHead(status, reason, all as string[]);
  }
}
