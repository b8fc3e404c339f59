import http, { type IncomingMessage } from 'node:http';

/** The response to a client: every answer is sent by it, whichever code made it. */
export class ClientResponse<Request extends IncomingMessage = IncomingMessage> extends http.ServerResponse<Request> {
  /** Headers that are sent with any answer; names and values alternating. */
  added: readonly string[] = [];

  /** Like Node's `writeHead`, for headers as a flat list. Called for every answer, so it makes no list but that. */
  override writeHead(status: number, reason?: unknown, given?: unknown): this {
    const headers = typeof reason === 'string' ? given : (given ?? reason);
    const all = Array.isArray(headers) && this.added.length > 0 ? (headers as string[]).concat(this.added) : headers;
    return typeof reason === 'string'
      ? super.writeHead(status, reason, all as string[])
      : super.writeHead(status, all as string[]);
  }
}
