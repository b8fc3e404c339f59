import type { ServerResponse } from 'node:http';

/** An answer of the proxy's own. */
export interface OwnAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Further headers, name and value in turn. */
  readonly headers?: readonly string[];
}

/** Sends an answer of our own. Nothing of another answer may have been sent before. @returns bytes of its body that went out */
export function send(response: ServerResponse, answer: OwnAnswer): number {
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, [
    ...['Content-Type', answer.contentType, 'Content-Length', String(body.length), 'Cache-Control', 'no-store'],
    ...(answer.headers ?? []),
  ]);
  response.end(body);
  return response.req.method === 'HEAD' ? 0 : body.length;
}
