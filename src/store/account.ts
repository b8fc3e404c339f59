import * as v from 'valibot';
import { isJsonObject, type JsonObject } from './json.js';

/** A flag of an account file with its time and reason, where it is set. */
export interface Mark {
  /** Unix seconds; null where the file does not say. */
  readonly at: number | null;
  readonly reason: string;
}

/**
 * An account as its file says it: `accounts/<id>.json`, the format of Antigravity Tools. Times are unix seconds.
 * What this does not name stays in the file all the same.
 */
export interface Account {
  /** The file's stem. */
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly refreshToken: string;
  /** Empty where the file has none yet. */
  readonly accessToken: string;
  /** Of the access token. */
  readonly expiresAt: number;
  /** Life of the access token when it was issued, in seconds; null: not said. */
  readonly expiresIn: number | null;
  readonly projectId: string | null;
  /** Names the OAuth client that issued the tokens. */
  readonly clientKey: string | null;
  /** Set: Google refused the refresh token; only a new one cures it. */
  readonly disabled: Mark | null;
  /** Set: taken out of the proxy by hand or by another program; the account itself is fine. */
  readonly proxyDisabled: Mark | null;
  /** Set: Google asks a human to verify, until the given time. */
  readonly validationBlocked: { readonly until: number; readonly reason: string; readonly url: string | null } | null;
  /** Models under quota protection. */
  readonly protectedModels: readonly string[];
  readonly quota: Quota | null;
  readonly createdAt: number | null;
  readonly lastUsed: number | null;
}

export interface Quota {
  readonly models: readonly { readonly name: string; readonly percentage: number; readonly resetTime: string | null }[];
  readonly isForbidden: boolean;
  readonly forbiddenReason: string | null;
}

/** Why an account file cannot be used, in words that follow the file's name. */
export class UnreadableAccount extends Error {
  readonly code = 'UNREADABLE_ACCOUNT';
}

const filled = (what: string) => v.pipe(v.string(`${what} is no text`), v.minLength(1, `${what} is empty`));
/** What another program may leave out, set to null or fill oddly, without the account being unusable for it. */
const lax = <const T extends v.GenericSchema>(schema: T) => v.fallback(v.nullish(schema, null), null);
const seconds = v.pipe(v.number(), v.finite());
/** A verdict about the account: read wrongly it would put a dead one back to work, so no guess is made. */
const verdict = (key: string) => v.optional(v.nullable(v.boolean(`${key} is neither true nor false`)), false);

const QuotaSchema = v.object({
  models: v.fallback(v.array(v.object({ name: v.string(), percentage: v.number(), reset_time: lax(v.string()) })), []),
  is_forbidden: lax(v.boolean()),
  forbidden_reason: lax(v.string()),
});

const AccountFileSchema = v.object(
  {
    id: filled('id'),
    email: filled('email'),
    name: lax(v.string()),
    token: v.object(
      {
        refresh_token: filled('token.refresh_token'),
        access_token: lax(v.string()),
        expires_in: lax(seconds),
        expiry_timestamp: lax(seconds),
        project_id: lax(v.string()),
        oauth_client_key: lax(v.string()),
      },
      'token is no object in braces',
    ),
    disabled: verdict('disabled'),
    disabled_at: lax(seconds),
    disabled_reason: lax(v.string()),
    proxy_disabled: verdict('proxy_disabled'),
    proxy_disabled_at: lax(seconds),
    proxy_disabled_reason: lax(v.string()),
    validation_blocked: lax(v.boolean()),
    validation_blocked_until: lax(seconds),
    validation_blocked_reason: lax(v.string()),
    validation_url: lax(v.string()),
    protected_models: v.fallback(v.nullish(v.array(v.string()), []), []),
    quota: lax(QuotaSchema),
    created_at: lax(seconds),
    last_used: lax(seconds),
  },
  'not an object in braces',
);

type AccountFile = v.InferOutput<typeof AccountFileSchema>;

/**
 * The account that a file's JSON describes.
 *
 * @param id - the file's stem, which the content has to repeat
 * @throws {UnreadableAccount} says what is missing or wrong
 */
export function accountOf(json: unknown, id: string): Account {
  const parsed = v.safeParse(AccountFileSchema, json);
  if (!parsed.success) throw new UnreadableAccount(messageOf(parsed.issues[0]));
  const file = parsed.output;
  if (file.id !== id)
    throw new UnreadableAccount(`its id is "${file.id.slice(0, 80)}", which belongs to another file name`);
  return {
    id,
    email: file.email,
    name: file.name ?? '',
    refreshToken: file.token.refresh_token,
    accessToken: file.token.access_token ?? '',
    expiresAt: file.token.expiry_timestamp ?? 0,
    expiresIn: file.token.expires_in,
    projectId: nonEmpty(file.token.project_id),
    clientKey: nonEmpty(file.token.oauth_client_key),
    disabled: file.disabled === true ? { at: file.disabled_at, reason: file.disabled_reason ?? '' } : null,
    proxyDisabled:
      file.proxy_disabled === true ? { at: file.proxy_disabled_at, reason: file.proxy_disabled_reason ?? '' } : null,
    validationBlocked: validationOf(file),
    protectedModels: file.protected_models,
    quota: quotaOf(file.quota),
    createdAt: file.created_at,
    lastUsed: file.last_used,
  };
}

const nonEmpty = (value: string | null): string | null => (value === null || value === '' ? null : value);

const messageOf = (issue: v.BaseIssue<unknown>): string => {
  const key = v.getDotPath(issue);
  return key !== null && /^(undefined|null)$/.test(issue.received) ? `${key} is missing` : issue.message;
};

const validationOf = (file: AccountFile): Account['validationBlocked'] =>
  file.validation_blocked === true
    ? {
        until: file.validation_blocked_until ?? 0,
        reason: file.validation_blocked_reason ?? '',
        url: nonEmpty(file.validation_url),
      }
    : null;

const quotaOf = (quota: AccountFile['quota']): Quota | null =>
  quota === null
    ? null
    : {
        models: quota.models.map((model) => ({
          name: model.name,
          percentage: model.percentage,
          resetTime: model.reset_time,
        })),
        isForbidden: quota.is_forbidden === true,
        forbiddenReason: quota.forbidden_reason,
      };

/** A file's JSON without anything secret: for `accounts --json` and its like. */
export function withoutTokens(json: JsonObject): JsonObject {
  const { token, device_profile: _profile, device_history: _history, ...rest } = json;
  if (!isJsonObject(token)) return rest;
  const { access_token: _access, refresh_token: _refresh, id_token: _id, session_id: _session, ...harmless } = token;
  return { ...rest, token: harmless };
}
