/** What went wrong, in the words that all protocols share; each has a table from these to its own statuses and types. */
export type TroubleKind =
  | 'bad_request'
  | 'too_many_tokens'
  /** The client's own key. */
  | 'unauthorized'
  /** An account's 401 or 403: nothing that the client could mend. */
  | 'accounts_refused'
  | 'forbidden'
  | 'no_model'
  | 'not_found'
  | 'too_large'
  | 'rate_limited'
  /** A 429 for want of Google's own capacity. */
  | 'no_capacity'
  /** Google's 503. */
  | 'unavailable'
  /** Google's 500, 502, 504, a broken answer, or one with nothing in it. */
  | 'failed'
  | 'none_serves';

export interface Trouble {
  readonly kind: TroubleKind;
  /** The status that it came with. */
  readonly status: number;
  readonly message: string;
  /** The field it is about. */
  readonly field?: string;
  /** A code of the protocol's own, where it is none that `kind` stands for. */
  readonly protocolCode?: string;
  readonly retryAfterSeconds?: number;
}

/** Worth no further try of a client: nobody can serve, or the wait is longer than a client should sleep. */
export const isHopeless = ({ kind, retryAfterSeconds }: Trouble): boolean =>
  (kind === 'none_serves' && retryAfterSeconds === undefined) || (retryAfterSeconds ?? 0) > LONG_WAIT_SECONDS;

const LONG_WAIT_SECONDS = 60;

/** What tells a client when to come back, or that it is of no use. */
export const retryHeaders = (trouble: Trouble): Record<string, string> => ({
  ...(trouble.retryAfterSeconds !== undefined && { 'Retry-After': String(trouble.retryAfterSeconds) }),
  ...(isHopeless(trouble) && { 'x-should-retry': 'false' }),
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

/** What an upstream's own refusal is. */
export interface UpstreamRefusal {
  readonly status: number;
  readonly message: string;
  /** `ErrorInfo.reason`, where the refusal has one. */
  readonly reason?: string | null;
  readonly retryAfterSeconds?: number;
  /** A 404 is about the model that was asked for. */
  readonly model?: string | null;
  /** A 403 that was found to be about the request, not about the account. */
  readonly aboutRequest?: boolean;
}

/** The trouble that a refusal of Google's makes for the client. */
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

/** A model that nobody has, whoever says so. */
export const noModel = (asked: string): Trouble => ({
  kind: 'no_model',
  status: 404,
  message: `model ${JSON.stringify(asked)} is not served here: ask for one of GET /v1/models, or map the name in the setting models.aliases`,
});

/** A request that was refused before anybody was asked. */
export const refusedField = (message: string, field: string, protocolCode: string | null): Trouble => ({
  ...{ kind: 'bad_request', status: 400, message, field },
  ...(protocolCode !== null && { protocolCode }),
});

/** An answer with nothing in it that a client could use. */
export const emptyAnswer = (why: string): Trouble => ({
  kind: 'failed',
  status: 502,
  message: `Gemini answered without content (${why}), also when asked again: try once more or say it differently`,
});
