import type { ServerResponse } from 'node:http';

/** An answer of the proxy's own. */
export interface OwnAnswer {
  readonly status: number;
  /** Empty where there is no body (204). */
  readonly contentType: string;
  readonly body: string;
  /** Further headers, name and value in turn. */
  readonly headers?: readonly string[];
}

/** The statuses of the proxy's own errors. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 408 | 413 | 417 | 429 | 431 | 500 | 501 | 502 | 503 | 504;

/**
 * An error of the proxy's own, before it gets the shape of the client's protocol. Its message names no account and no
 * key.
 */
export interface OwnError {
  readonly status: ErrorStatus;
  readonly message: string;
  /** Details that clients read beside the status: https://google.aip.dev/193. */
  readonly details?: readonly object[];
  /** A code for programs, in protocols that have one: `model_not_allowed`. */
  readonly code?: string;
  /** Further headers, name and value in turn. */
  readonly headers?: readonly string[];
}

/** An error of this program, about which the client is told nothing more. */
export const INTERNAL_ERROR: OwnError = { status: 500, message: 'regrant failed; its log says why' };

/**
 * Sends an answer of our own; no part of another answer may have been sent before.
 *
 * @returns bytes of its body that were sent
 */
export function send(response: ServerResponse, answer: OwnAnswer): number {
  const body = sendHead(response, answer);
  response.end(body);
  return response.req.method === 'HEAD' ? 0 : body.length;
}

/** Sends only its status and headers. @returns the body that they announce */
export function sendHead(
  response: ServerResponse,
  { status, contentType, body: text, headers = [] }: OwnAnswer,
): Buffer {
  const body = Buffer.from(text);
  const described = contentType === '' ? [] : ['Content-Type', contentType, 'Content-Length', String(body.length)];
  response.writeHead(status, [...described, 'Cache-Control', 'no-store', ...headers]);
  return body;
}
