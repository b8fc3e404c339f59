import * as v from 'valibot';
import { jsonOf } from '../../../store/ground/json.js';

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
