/**
 * The kinds of trouble that all protocols share; each protocol has a table from these to its own statuses and types.
 */
export type TroubleKind =
  | 'bad_request'
  | 'too_many_tokens'
  /** The client's own key was refused. */
  | 'unauthorized'
  /** An account got 401 or 403, about which the client can do nothing. */
  | 'accounts_refused'
  | 'forbidden'
  | 'no_model'
  | 'not_found'
  | 'too_large'
  | 'rate_limited'
  /** A 429 because Google itself lacks capacity. */
  | 'no_capacity'
  /** Google's 503. */
  | 'unavailable'
  /** Google's 500, 502, 504, a broken answer, or an empty one. */
  | 'failed'
  | 'none_serves';

export interface Trouble {
  readonly kind: TroubleKind;
  /** The status of the answer that caused it. */
  readonly status: number;
  readonly message: string;
  /** The field of the request that it is about. */
  readonly field?: string;
  /** A code of the protocol's own, where it is not the one of `kind`. */
  readonly protocolCode?: string;
  readonly retryAfterSeconds?: number;
}

/** Whether the client should not try again: no account can serve, or the wait is longer than a client should sleep. */
export const isHopeless = ({ kind, retryAfterSeconds }: Trouble): boolean =>
  (kind === 'none_serves' && retryAfterSeconds === undefined) || (retryAfterSeconds ?? 0) > LONG_WAIT_SECONDS;

const LONG_WAIT_SECONDS = 60;
/**
 * What a client waits between tries where none of them can bring anything. Those built on the AI SDK heed no
 * `x-should-retry`: opencode and Cline would show only after five more tries, a minute later, what the answer says.
 */
const USELESS_RETRY_MS = 50;

/** Headers that tell a client when to try again, or that it should not. */
export const retryHeaders = (trouble: Trouble): Record<string, string> => ({
  ...(trouble.retryAfterSeconds !== undefined && { 'Retry-After': String(trouble.retryAfterSeconds) }),
  ...(isHopeless(trouble) && { 'x-should-retry': 'false' }),
  ...(isHopeless(trouble) && trouble.kind === 'none_serves' && { 'retry-after-ms': String(USELESS_RETRY_MS) }),
});

/** An error as a protocol answers it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

const BY_STATUS: Readonly<Record<number, TroubleKind>> = {
  400: 'bad_request',
  401: 'accounts_refused',
  403: 'accounts_refused',
  404: 'not_found',
  413: 'too_large',
  429: 'rate_limited',
  503: 'unavailable',
  529: 'no_capacity',
};

const TOKENS_EXCEEDED =
  /(?:token count|prompt is too long:?)\D*(\d+)\D*?(?:exceeds the maximum number of tokens allowed|> )\D*(\d+)/i;
const TOKENS_EXCEEDED_UNCOUNTED = /exceeds the maximum number of tokens|prompt is too long/i;
const CAPACITY = /MODEL_CAPACITY_EXHAUSTED|no capacity available|overloaded/i;

/** An upstream's own refusal. */
export interface UpstreamRefusal {
  readonly status: number;
  readonly message: string;
  /** `ErrorInfo.reason`, if the refusal has one. */
  readonly reason?: string | null;
  readonly retryAfterSeconds?: number;
  /** The model asked for, if a 404 is about it. */
  readonly model?: string | null;
  /** Whether a 403 turned out to be about the request, and not about the account. */
  readonly aboutRequest?: boolean;
}

/** The trouble for the client from a refusal of Google's. */
export function troubleOf({
  status,
  message,
  reason,
  retryAfterSeconds,
  model,
  aboutRequest,
}: UpstreamRefusal): Trouble {
  const told = { status, message, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  if (status === 400) return tooManyTokens(told) ?? { ...told, kind: 'bad_request' };
  if (status === 403 && aboutRequest === true) return { ...told, kind: 'forbidden' };
  if (status === 404 && model !== undefined && model !== null) return noModel(model);
  if (status === 429 && CAPACITY.test(`${reason ?? ''} ${message}`)) return { ...told, kind: 'no_capacity' };
  const kind = BY_STATUS[status] ?? (status < 500 ? 'bad_request' : 'failed');
  return { ...told, kind };
}

function tooManyTokens(told: { status: number; message: string }): Trouble | null {
  if (!TOKENS_EXCEEDED_UNCOUNTED.test(told.message)) return null;
  const [, count, most] = TOKENS_EXCEEDED.exec(told.message) ?? [];
  const counted = count === undefined || most === undefined ? '' : `: ${count} tokens > ${most} maximum`;
  return { ...told, kind: 'too_many_tokens', message: `prompt is too long${counted}` };
}

/** The trouble for a model that no account has. */
export const noModel = (asked: string): Trouble => ({
  kind: 'no_model',
  status: 404,
  message: `model ${JSON.stringify(asked)} is not served here: ask for one of GET /v1/models, or map the name in the setting models.aliases`,
});

/** The trouble for a request that was refused before any account was asked. */
export const refusedField = (message: string, field: string, protocolCode: string | null): Trouble => ({
  ...{ kind: 'bad_request', status: 400, message, field },
  ...(protocolCode !== null && { protocolCode }),
});

/** The trouble for an answer with nothing in it that a client could use. */
export const emptyAnswer = (why: string): Trouble => ({
  kind: 'failed',
  status: 502,
  message: `Gemini answered without content (${why}), also when asked again: try once more or say it differently`,
});
