import * as v from 'valibot';
import { jsonOf } from '../../../store/ground/json.js';
import type { ErrorStatus, OwnAnswer } from '../../http/own-answer.js';

const text = v.fallback(v.string(), '');

const DetailSchema = v.object({
  /** ErrorInfo. */
  reason: text,
  metadata: v.fallback(v.record(v.string(), text), {}),
  /** Help. */
  links: v.fallback(v.array(v.object({ url: text })), []),
  /** RetryInfo. */
  retryDelay: text,
  /** QuotaFailure. */
  violations: v.fallback(v.array(v.object({ quotaId: text, quotaMetric: text })), []),
});

const ErrorSchema = v.object({
  error: v.object({ message: text, status: text, details: v.fallback(v.array(DetailSchema), []) }),
});

/** An error of Google's APIs, as far as it is read: https://google.aip.dev/193. What it leaves out is empty. */
export type GoogleError = Readonly<v.InferOutput<typeof ErrorSchema>['error']>;
export type ErrorDetail = GoogleError['details'][number];

/** Reads the body of an answer that is an error; null: it has another shape. */
export function googleErrorOf(body: string): GoogleError | null {
  const parsed = jsonOf(body);
  // A stream that is not SSE answers with a list.
  const result = v.safeParse(ErrorSchema, Array.isArray(parsed) ? (parsed as unknown[])[0] : parsed);
  return result.success ? result.output.error : null;
}

/** The proxy's own errors by HTTP status, each with the canonical code that Google's clients know for it. */
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
export const googleError = (status: ErrorStatus, message: string, headers: readonly string[] = []): OwnAnswer => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: `${JSON.stringify({ error: { code: status, message, status: canonical[status] } })}\n`,
  headers,
});
