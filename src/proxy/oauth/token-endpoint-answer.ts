/** What an answer of the token endpoint means: a pure function of its status, headers and body. */
import * as v from 'valibot';
import { isJsonObject, jsonOf, type JsonObject } from '../../store/ground/json.js';
import type { Cause } from '../contract/causes.js';

export interface HttpAnswer {
  readonly status: number;
  /** The `content-type` header, lower case, may be empty. */
  readonly contentType: string;
  readonly body: string;
  /** The `retry-after` header as sent; null: none. */
  readonly retryAfter: string | null;
}

const TokenSchema = v.object({
  access_token: v.pipe(v.string(), v.minLength(1)),
  // a missing life, or one of zero or less, is replaced: such a token would be refreshed again and again at once
  expires_in: v.fallback(
    v.pipe(v.union([v.number(), v.pipe(v.string(), v.transform(Number))]), v.finite(), v.minValue(1)),
    3_599,
  ),
  token_type: v.fallback(v.string(), 'Bearer'),
  refresh_token: v.fallback(v.nullish(v.pipe(v.string(), v.minLength(1)), null), null),
  refresh_token_expires_in: v.fallback(v.nullish(v.number(), null), null),
  scope: v.fallback(v.string(), ''),
  id_token: v.fallback(v.nullish(v.string(), null), null),
});

export type TokenBody = v.InferOutput<typeof TokenSchema>;

export type Meaning =
  | { readonly kind: 'token'; readonly token: TokenBody }
  | { readonly kind: 'grant'; readonly words: string; readonly subtype: string }
  | { readonly kind: 'refused' | 'client'; readonly cause: Cause; readonly code: string; readonly words: string }
  | {
      readonly kind: 'temporary';
      readonly cause: 'network' | 'provider_trouble' | 'rate_limited';
      readonly code: string;
      readonly words: string;
    };

const clientCodes = new Map<string, Cause>([
  ['invalid_client', 'client_invalid'],
  ['deleted_client', 'client_deleted'],
  ['disabled_client', 'client_disabled'],
]);

const refusalCodes = new Map<string, Cause>([
  ['admin_policy_enforced', 'admin_policy'],
  ['policy_enforced', 'advanced_protection'],
  ['access_denied', 'access_denied'],
  ['org_internal', 'access_denied'],
  ['unauthorized_client', 'other_client'],
]);

/** Error codes that mean "later" although their status means "never". */
const laterCodes = new Map<string, 'provider_trouble' | 'rate_limited'>([
  ['temporarily_unavailable', 'provider_trouble'],
  ['server_error', 'provider_trouble'],
  ['internal_failure', 'provider_trouble'],
  ['slow_down', 'rate_limited'],
  ['rate_limit_exceeded', 'rate_limited'],
]);

/** Phrases about the OAuth client itself, which count whatever the error code is; the first that fits. */
const clientWords: readonly (readonly [RegExp, Cause])[] = [
  [/\bclient\b[^.]*\b(was|is|has been|been) deleted\b/i, 'client_deleted'],
  [/\bclient\b[^.]*\b(was|is|has been|been) (disabled|suspended|blocked)\b/i, 'client_disabled'],
  [
    /\bclient[ _-]?(id|secret)\b[^.]*\b(missing|required|invalid|incorrect|wrong|unknown|empty|not (found|valid))\b/i,
    'client_invalid',
  ],
  [
    /\b(missing|invalid|incorrect|wrong|unknown|could not (determine|find)|(un)?able to determine)\b[^.]*\bclient[ _-]?(id|secret)\b/i,
    'client_invalid',
  ],
  [/\bclient\b[^.]*\b(not found|unknown|does not exist|could not be found|authentication failed)\b/i, 'client_invalid'],
];

function clientTrouble(code: string, words: string): Cause | null {
  return clientCodes.get(code) ?? clientWords.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}

const isHtml = (answer: HttpAnswer): boolean =>
  /text\/html|application\/xhtml/.test(answer.contentType) || /^\s*<(!doctype|html|head|body)/i.test(answer.body);

/** The body's parameters, from JSON or from a form (some servers answer errors that way); null: it has none. */
function parametersOf(answer: HttpAnswer): JsonObject | null {
  if (isHtml(answer)) return null;
  if (answer.contentType.includes('x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(answer.body));
  const json = jsonOf(answer.body);
  return isJsonObject(json) ? json : null;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * The meaning of an answer. Only status 400 or 401 with a top-level `error` of exactly `invalid_grant` is a verdict
 * about the grant; anything that is not clearly an OAuth error counts as trouble that passes.
 */
export function meaningOf(answer: HttpAnswer): Meaning {
  const { status } = answer;
  const temporary = (cause: 'network' | 'provider_trouble' | 'rate_limited', words: string): Meaning => ({
    kind: 'temporary',
    cause,
    code: `http_${status}`,
    words,
  });
  if (status === 429) return temporary('rate_limited', 'too many requests');
  if (status === 407) return temporary('network', 'the outbound proxy asks for a password');
  if (status >= 500) return temporary('provider_trouble', `the token endpoint answered ${status}`);
  if (status >= 300 && status < 400) return temporary('network', 'a redirect, which is not followed');
  const parameters = parametersOf(answer);
  if (parameters === null) return temporary(isHtml(answer) ? 'network' : 'provider_trouble', unreadable(answer));
  if (status >= 200 && status < 300) {
    const token = v.safeParse(TokenSchema, parameters);
    return token.success
      ? { kind: 'token', token: token.output }
      : temporary('provider_trouble', `an answer ${status} without an access token`);
  }
  return status >= 400 ? errorMeaning(status, parameters) : temporary('network', `an answer ${status}`);
}

const unreadable = (answer: HttpAnswer): string =>
  isHtml(answer)
    ? `a web page with status ${answer.status} instead of an answer`
    : `an answer ${answer.status} that is not JSON`;

function errorMeaning(status: number, parameters: JsonObject): Meaning {
  const words = textOf(parameters.error_description);
  const code = textOf(parameters.error);
  if (code === 'invalid_grant' && (status === 400 || status === 401)) {
    return { kind: 'grant', words, subtype: textOf(parameters.error_subtype) };
  }
  const client = clientTrouble(code, words);
  if (client !== null && code !== '') return { kind: 'client', cause: client, code, words };
  const refusal = refusalCodes.get(code);
  if (refusal !== undefined) return { kind: 'refused', cause: refusal, code, words };
  const later = laterCodes.get(code);
  if (later !== undefined || status === 408 || status === 425) {
    return { kind: 'temporary', cause: later ?? 'provider_trouble', code: code || `http_${status}`, words };
  }
  if (code !== '') return { kind: 'refused', cause: 'unknown', code, words };
  return googleApiError(status, parameters);
}

/** `{"error":{"code":403,"status":"PERMISSION_DENIED","message":…}}`: not OAuth's shape, but a 4xx error all the same. */
function googleApiError(status: number, parameters: JsonObject): Meaning {
  if (!isJsonObject(parameters.error)) {
    return {
      kind: 'temporary',
      cause: 'provider_trouble',
      code: `http_${status}`,
      words: `an answer ${status} that names no error`,
    };
  }
  const code = textOf(parameters.error.status) || `http_${status}`;
  const words = textOf(parameters.error.message);
  const client = clientTrouble(code, words);
  return client === null
    ? { kind: 'refused', cause: 'unknown', code, words }
    : { kind: 'client', cause: client, code, words };
}
