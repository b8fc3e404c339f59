import type { ErrorStatus, OwnAnswer, OwnError } from '../../http/own-answer.js';

/** The canonical code, known to Google's clients, for the HTTP status of each of the proxy's own errors. */
export const canonical = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  408: 'DEADLINE_EXCEEDED',
  413: 'INVALID_ARGUMENT',
  417: 'FAILED_PRECONDITION',
  429: 'RESOURCE_EXHAUSTED',
  431: 'INVALID_ARGUMENT',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
} as const satisfies Record<ErrorStatus, string>;

/** An error in the shape of Google's APIs, so that clients show its message. It names no account and no key. */
export function googleError({ status, message, details, headers = [] }: OwnError): OwnAnswer {
  const error = { code: status, message, status: canonical[status], ...(details !== undefined && { details }) };
  return {
    status,
    contentType: 'application/json; charset=utf-8',
    body: `${JSON.stringify({ error })}\n`,
    headers,
  };
}
