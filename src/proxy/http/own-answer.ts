import type { ServerResponse } from 'node:http';

/** The proxy's own errors by HTTP status, each with the canonical code that Google's clients know for it. */
const canonical = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  408: 'DEADLINE_EXCEEDED',
  413: 'INVALID_ARGUMENT',
  417: 'FAILED_PRECONDITION',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
} as const;

export type ErrorStatus = keyof typeof canonical;

/** An answer of the proxy's own. */
export interface OwnAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Further headers, name and value in turn. */
  readonly headers?: readonly string[];
}

/** An error in the shape of Google's APIs, so that clients show its message. It names no account and no key. */
export const googleError = (status: ErrorStatus, message: string, headers: readonly string[] = []): OwnAnswer => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: `${JSON.stringify({ error: { code: status, message, status: canonical[status] } })}\n`,
  headers,
});

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
