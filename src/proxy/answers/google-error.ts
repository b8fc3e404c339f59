import * as v from 'valibot';
import { jsonOf } from '../../store/ground/json.js';
import { durationMs } from './durations.js';

const text = v.fallback(v.string(), '');
const code = v.fallback(v.pipe(v.number(), v.integer()), 0);

/** A duration in ms: protobuf's JSON writes `12.5s`; some servers write its parts. null: there is none. */
const duration = v.pipe(v.unknown(), v.transform(delayMs));

const PartsSchema = v.object({
  seconds: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(Number)), 0),
  nanos: v.optional(v.number(), 0),
});

function delayMs(value: unknown): number | null {
  if (typeof value === 'string') return durationMs(value);
  const parts = v.safeParse(PartsSchema, value);
  return parts.success ? durationMs(`${parts.output.seconds + parts.output.nanos / 1e9}s`) : null;
}

const DetailSchema = v.object({
  /** Of a detail of type ErrorInfo. */
  reason: text,
  metadata: v.fallback(v.record(v.string(), text), {}),
  /** Of a detail of type Help. */
  links: v.fallback(v.array(v.object({ url: text })), []),
  /** Of a detail of type RetryInfo, ms. */
  retryDelay: v.optional(duration, ''),
  /** Of a detail of type QuotaFailure. */
  violations: v.fallback(v.array(v.object({ quotaId: text, quotaMetric: text })), []),
  /** Of a detail of type ResourceInfo. */
  resourceName: text,
  resourceType: text,
});

const ErrorSchema = v.object({
  error: v.object({
    code,
    message: text,
    status: text,
    details: v.fallback(v.array(v.fallback(DetailSchema, v.parse(DetailSchema, {}))), []),
  }),
});

/** An error of Google's APIs, as far as it is read: https://google.aip.dev/193. Fields that it leaves out are empty. */
export type GoogleError = Readonly<v.InferOutput<typeof ErrorSchema>['error']>;

/** No answer of Google's is nested this deep; parsing one that is would take more time than it is worth. */
const DEEPEST = 100;

/** Reads the body of an answer that is an error; null: it has another shape, or is nested more than a hundred levels deep. */
export function googleErrorOf(body: string): GoogleError | null {
  if (isTooDeep(body)) return null;
  const parsed = jsonOf(body.replace(/^\uFEFF/, ''));
  // Without SSE a stream's answer is a JSON list.
  const result = v.safeParse(ErrorSchema, Array.isArray(parsed) ? (parsed as unknown[])[0] : parsed);
  return result.success ? result.output.error : null;
}

/** Whether a text nests brackets more than a hundred deep; those within strings do not count. */
function isTooDeep(body: string): boolean {
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const char = body[at];
    if (char === '"') at = endOfString(body, at);
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    if (depth > DEEPEST) return true;
  }
  return false;
}

/** The index of the quotation mark that ends a string. */
function endOfString(body: string, start: number): number {
  for (let at = start + 1; at < body.length; at++) {
    if (body[at] === '\\') at++;
    else if (body[at] === '"') return at;
  }
  return body.length;
}
