import http, { type IncomingMessage } from 'node:http';

/** The response to a client, which every answer goes out by, whoever made it. */
export class ClientResponse<Request extends IncomingMessage = IncomingMessage> extends http.ServerResponse<Request> {
  /** Headers that go out with whatever the answer is; name and value in turn. */
  added: readonly string[] = [];

  /** As Node's, for headers as a flat list. */
  override writeHead(status: number, ...rest: unknown[]): this {
    const headers = rest.at(-1);
    const all = Array.isArray(headers) && this.added.length > 0 ? [...(headers as string[]), ...this.added] : headers;
    const reason = rest.length > 1 ? String(rest[0]) : undefined;
    return reason === undefined
      ? super.writeHead(status, all as string[])
      : super.writeHead(status, reason, all as string[]);
  }
}
